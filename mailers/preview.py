"""The letters that would go, as one HTML page that needs nothing else: no network, no scripts. Pure."""

from collections.abc import Sequence
from html import escape
from importlib import resources
from string import Template

from mailers.digest import Digest
from mailers.file_names import shown_name
from mailers.reminders import Letter

_WORDS = {
    "pl": {
        "none": "Żadna wiadomość nie czeka dziś na wysłanie.",
        "none_why": "Powód przy każdej fakturze podaje kolumna „Dlaczego”.",
        "client": "Klient",
        "step": "Krok",
        "invoices": "Faktury",
        "subject": "Temat",
        "to": "Do",
        "text": "Wersja tekstowa",
        "letter": "Wiadomość",
        "letters": "Wiadomości",
        "back": "Do listy",
        "team": "Zawiadomienie dla zespołu",
        "along": "Załączniki",
        "without": "brak pliku faktury",
    },
    "en": {
        "none": "No letter is due today.",
        "none_why": "The column “Why” gives the reason for each invoice.",
        "client": "Client",
        "step": "Step",
        "invoices": "Invoices",
        "subject": "Subject",
        "to": "To",
        "text": "Plain text",
        "letter": "Letter",
        "letters": "Letters",
        "back": "Back to the list",
        "team": "Notice to the team",
        "along": "Attached",
        "without": "no file of invoice",
    },
}


def page(
    letters: Sequence[Letter], title: str, language: str, notes: Sequence[str] = (), digest: Digest | None = None
) -> str:
    """One page: an index of `letters`, then each as it would look, with its plain text; then what the team is told.

    `notes` are sentences shown above the index (mode, day, what was left out). Letters stand in sandboxed frames.
    """
    words = _WORDS.get(language, _WORDS["en"])
    frame = Template(resources.files("mailers").joinpath("preview.html").read_text("utf-8"))
    return frame.substitute(
        language=escape(language),
        title=escape(title),
        notes="".join(f"<p>{escape(note)}</p>" for note in notes),
        index=_index(letters, words) if letters else _nothing(words),
        letters="".join(_letter(number, letter, words) for number, letter in enumerate(letters, start=1)),
        team=_team(digest, words) if digest else "",
    )


def _nothing(words: dict[str, str]) -> str:
    return f'<div class="empty"><strong>{words["none"]}</strong><p>{words["none_why"]}</p></div>'


def _index(letters: Sequence[Letter], words: dict[str, str]) -> str:
    names = ("client", "step", "invoices", "subject", "to")
    head = "".join(f'<th scope="col">{words[name]}</th>' for name in names)
    rows = "".join(_entry(number, letter, words, names) for number, letter in enumerate(letters, start=1))
    return (
        f'<nav aria-label="{words["letters"]}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></nav>'
    )


def _entry(number: int, letter: Letter, words: dict[str, str], names: Sequence[str]) -> str:
    subject = f'<a href="#letter-{number}">{escape(letter.subject)}</a>'
    cells = (_client(letter), _step(letter), _invoices(letter), subject, escape(", ".join(letter.to)))
    shown = (f'<td data-label="{words[name]}">{cell}</td>' for name, cell in zip(names, cells, strict=True))
    return f"<tr>{''.join(shown)}</tr>"


def _letter(number: int, letter: Letter, words: dict[str, str]) -> str:
    facts: tuple[tuple[str, str], ...] = (
        (words["to"], escape(", ".join(letter.to))),
        (words["client"], _client(letter)),
        (words["step"], _step(letter)),
        (words["invoices"], _invoices(letter)),
    )
    if along := _along(letter, words):
        facts = (*facts, (words["along"], along))
    frame = f'title="{words["letter"]} {number}" style="height:{_height(letter)}px"'
    listed = "".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts)
    return f"""
<article id="letter-{number}">
<header><h2>{escape(letter.subject)}</h2><a class="back" href="#top">{words["back"]}</a></header>
<dl>{listed}</dl>
<iframe {frame} sandbox srcdoc="{escape(letter.html)}"></iframe>
<details><summary>{words["text"]}</summary><pre>{escape(letter.text)}</pre></details>
</article>
"""


def _along(letter: Letter, words: dict[str, str]) -> str:
    """The names of the files, and the invoices that do not go along."""
    names = [escape(file.name) for file in letter.enclosed.attachments]
    lacking = [number for number, _ in letter.enclosed.missing]
    missing = [f"{words['without']} {escape(number)} ({escape(shown_name(number))})" for number in lacking]
    return ", ".join([*names, *missing])


def _team(digest: Digest, words: dict[str, str]) -> str:
    return f"""
<article id="team">
<header><h2>{words["team"]}: {escape(digest.title)}</h2><a class="back" href="#top">{words["back"]}</a></header>
<pre>{escape(digest.text)}</pre>
</article>
"""


def _client(letter: Letter) -> str:
    code = f'<span class="code">{escape(letter.client)}</span>'
    return f"{escape(letter.client_name)} {code}" if letter.client_name else code


def _step(letter: Letter) -> str:
    return f'<span class="step">{escape(letter.step)}</span>'


def _invoices(letter: Letter) -> str:
    return ", ".join(f'<span class="id">{escape(invoice)}</span>' for invoice in letter.invoices)


def _height(letter: Letter) -> int:
    """Pixels in which most of the letter shows: frames without scripts cannot measure themselves."""
    return min(320 + 27 * letter.text.count("\n"), 1200)
