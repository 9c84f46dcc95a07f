"""What became of a letter, in the words of the history: a known beginning in Polish or English, then the words of the
server as they are. Words only; what follows from them is decided elsewhere.
"""

from collections.abc import Mapping

from config.labels import Label
from validators.text import fold

PERMANENT, PASSING, NOT_SENT = "permanent", "passing", "not sent"
RECALLED = "known to this machine, while the workbook was put back from an older copy"
# The keys are what the ways out say; what stands behind ": " is quoted.
OUTCOMES: Mapping[str, Label] = {
    PERMANENT: Label("trwała odmowa", "permanent"),
    PASSING: Label("chwilowa przeszkoda", "passing"),
    NOT_SENT: Label("nie wysłano", "not sent"),
    "recovered": Label("ustalono po przerwanym przebiegu", "recovered"),
    "resolved": Label("rozstrzygnął człowiek", "resolved"),
    RECALLED: Label("pamięta o tym ten komputer, a arkusz przywrócono ze starszej kopii", RECALLED),
    "found in the mailbox": Label("znaleziono w skrzynce", "found in the mailbox"),
    "no answer after the letter was handed over": Label(
        "po oddaniu listu nie przyszła odpowiedź", "no answer after the letter was handed over"
    ),
    "handed over before; no answer is known, so not sent again": Label(
        "oddany wcześniej, a odpowiedzi nie znamy, więc nie wysłano ponownie",
        "handed over before; no answer is known, so not sent again",
    ),
}
_CODES = {fold(text): code for code, label in OUTCOMES.items() for text in label}


def outcome_text(detail: str, language: str, *, failed: bool) -> str:
    """What a way out says of a letter, with its beginning in `language`. What begins otherwise is the reason of one
    that `failed`, and stands as it is for any other.

    >>> outcome_text("permanent: 550 5.1.1 no such user", "pl", failed=True)
    'trwała odmowa: 550 5.1.1 no such user'
    >>> outcome_text("The mail server is out of reach.", "pl", failed=True)
    'nie wysłano: The mail server is out of reach.'
    """
    code, words = outcome(detail)
    if not code and not failed:
        return detail
    beginning = OUTCOMES[code or NOT_SENT].in_language(language)
    return f"{beginning}: {words}" if words else beginning


def outcome(text: str) -> tuple[str, str]:
    """The code of OUTCOMES that a text of either language begins with, "" if none, and the words behind it.

    >>> outcome("trwała odmowa: 550 no"), outcome("250 queued")
    (('permanent', '550 no'), ('', '250 queued'))
    """
    head, _, words = text.partition(": ")
    code = _CODES.get(fold(head), "")
    return (code, words.strip()) if code else ("", text)
