"""The first lines that a person has written in a reply, without the letter quoted below or above. Pure.

One small rule for the mail programs that people use: what follows a line of attribution ("W dniu … pisze:"), a copied
header ("Od: … Wysłano: …"), a ruler, or a signature's "-- " is not theirs; lines with ">" never are.
"""

import re

from mailers.addresses import clean

LONGEST = 200  # characters
_LINES = 4
_LONGEST_LINE = 1000
_ATTRIBUTION = re.compile(
    r"(wrote|writes|pisze|napisał|napisała|napisał\(a\)|napisali|schrieb|a écrit|escribió|ha scritto)\s*:\s*$", re.I
)
_ATTRIBUTION_BEGINS = re.compile(
    r"(on |w dniu |dnia |am |le |el |il |(pon|wt|śr|czw|pt|sob|niedz|nd)\.?,? "
    r"|(mon|tue|wed|thu|fri|sat|sun),? |\d{1,4}[./-])",
    re.I,
)
_COPIED_HEADER = re.compile(r"\*?(od|from|von|de|nadawca)\*?\s?:\*? ?\S", re.I)
_COPIED_MORE = re.compile(r"\*?(wysłano|data|do|temat|sent|date|to|subject|gesendet|an|betreff|dw|cc)\*?\s?:", re.I)
_RULER = re.compile(
    r"(_{8,}|-{8,}|[-_ ]{2,}\s*(original message|wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana"
    r"|forwarded message|reply message|ursprüngliche nachricht|treść oryginalnej wiadomości)\b.{0,40})$",
    re.I,
)
_SIGNATURE = re.compile(r"--\s?$")
_PHONE = re.compile(r"(sent from |(wysłane|wysłano) z |(pobierz|uzyskaj) (aplikację )?outlook|get outlook for )", re.I)


def first_lines(text: str) -> str:
    """The first lines of a reply on one line, 200 characters at most; "" when nothing of the person's own is there.

    >>> first_lines("Dzień dobry,\\nzapłacimy jutro.\\n\\nW dniu 22.11.2026 o 08:00, Biuro pisze:\\n> Przypominamy")
    'Dzień dobry, zapłacimy jutro.'
    >>> first_lines("> Przypominamy o fakturze\\nzapłacone wczoraj")
    'zapłacone wczoraj'
    """
    lines = [line[:_LONGEST_LINE].strip() for line in re.split(r"\r\n|\r|\n", text)[:400]]
    own = _own(lines)
    told = clean(" ".join([line for line in own if line][:_LINES]))
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1].rstrip()}…"


def _own(lines: list[str]) -> list[str]:
    """The lines above the quotation; those below it where nothing stands above."""
    own: list[str] = []
    for number, line in enumerate(lines):
        if _quotes(lines, number) and any(own):
            break
        if not (_quotes(lines, number) or line.startswith(">") or _is_header(line) or _PHONE.match(line)):
            own.append(line)
    return own


def _quotes(lines: list[str], number: int) -> bool:
    """Whether what is quoted begins with this line."""
    line = lines[number]
    if _SIGNATURE.match(line) or _RULER.match(line) or line.startswith(">"):
        return True
    if _COPIED_HEADER.match(line) and any(_COPIED_MORE.match(other) for other in lines[number + 1 : number + 4]):
        return True
    return _attributes(lines, number)


def _attributes(lines: list[str], number: int) -> bool:
    """A line such as "pon., 23 lis 2026 o 08:00 Biuro <…> napisał(a):", which programs wrap after 76 characters."""
    if _ATTRIBUTION.search(lines[number]) and (_ATTRIBUTION_BEGINS.match(lines[number]) or "@" in lines[number]):
        return True
    if not _ATTRIBUTION_BEGINS.match(lines[number]):
        return False
    wrapped = " ".join(lines[number : number + 3])[:600]
    ends = any(_ATTRIBUTION.search(" ".join(lines[number : number + more])) for more in (2, 3))
    return ends and bool(re.search(r"\d{1,2}:\d\d|@", wrapped))


def _is_header(line: str) -> bool:
    return bool(_COPIED_HEADER.match(line) or _COPIED_MORE.match(line)) and "@" in line
