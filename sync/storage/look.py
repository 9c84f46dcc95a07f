"""How tabs and columns that Kartoteka adds shall look, whatever the storage: colours, widths, drop-downs, sentences.

Plain values only; xlsx_look.py and google_look.py put them into a workbook.
"""

from typing import Literal

from config.heartbeat_words import LABELS
from validators.tabs import NO, YES, Field, Kind, Owner

AMOUNT_FORMAT, INTEGER_FORMAT, TEXT_FORMAT = "#,##0.00", "0", "@"
ALIGNED: dict[Kind, Literal["right", "center", "left"]] = {
    Kind.MOMENT: "left",
    Kind.AMOUNT: "right",
    Kind.PAYMENT: "right",
    Kind.INTEGER: "right",
    Kind.CURRENCY: "center",
    Kind.YES_NO: "center",
}
_TEXT_NAMES = {"id", "number", "client_id", "step"}
_TEXT_KINDS = {Kind.PHONES, Kind.TAX_ID}
_TEAM_HEADER, _SERVICE_HEADER = ("1F3A5F", "D6E4F0"), ("595959", "E4E4E4")
HEADER_LINE = "8C8C8C"
SERVICE_FILL = "F7F7F7"
_TAB_COLOURS = {"clients": "2F6690", "invoices": "2F6690", "history": "9A9A9A"}
_FROZEN_COLUMNS = {"clients": 2, "invoices": 2}
# Status texts begin with these, in both languages, whatever mark follows (chapter 3 of the design).
STATUS_COLOURS = (
    (("Po terminie", "Overdue"), "842029", "F8D7DA"),
    (("Termin dziś", "Termin wkrótce", "Due today", "Due soon"), "7A5B00", "FFF1CC"),
    (("Opłacona", "Rozliczona", "Nadpłacona", "Paid", "Settled", "Overpaid"), "2D5F2E", "DDEFD9"),
)
KEPT_BY_US = {
    "pl": "Kolumna prowadzona przez Kartotekę: wpisane tu zmiany zostaną zastąpione.",
    "en": "Kept by Kartoteka: what you type here will be replaced.",
}

# The tab that tells whether the service is at work: its colour, the widths of its columns, and the colours of a time
# by which it should have been written again.
HEARTBEAT_COLOUR = "5B8C5A"
HEARTBEAT_WIDTHS = (32, 62)
HEARTBEAT_LATE = ("842029", "F8D7DA")


def late_formula() -> str:
    """The condition, of the cell A1 and those that follow, that it is in a line with such a time, which has passed.

    Without AND and OR: whether arguments are parted by commas or semicolons depends on the spreadsheet's locale.
    """
    labels = "+".join(f'($A1="{label}")' for label in LABELS["until"])
    return f"=({labels})*($B1<NOW())"


def header_colours(field: Field) -> tuple[str, str]:
    """The colours of the text and of the background of the header of `field`, as "RRGGBB"."""
    return _SERVICE_HEADER if field.owner is Owner.SERVICE else _TEAM_HEADER


def tab_colour(name: str) -> str:
    """The colour of the tab called `name`, as "RRGGBB"."""
    return _TAB_COLOURS.get(name, "7FA99B")


def frozen_columns(name: str) -> int:
    """How many columns of the tab called `name` stay in sight when one scrolls to the right."""
    return _FROZEN_COLUMNS.get(name, 0)


def width(field: Field) -> int:
    """The width of the column of `field` in characters, room for a drop-down's arrow included."""
    return field.width + 2


def is_text(field: Field) -> bool:
    """Whether what is typed into `field` must stay as typed, leading zeros and plus signs included."""
    return field.name in _TEXT_NAMES or field.kind in _TEXT_KINDS


def is_wrapped(field: Field) -> bool:
    """Whether the texts of `field` are shown in several lines. Ours are not: rows keep the height the team chose."""
    return field.kind is Kind.LONG and field.owner is Owner.TEAM


def listed(field: Field, language: str) -> tuple[str, ...]:
    """The values that a drop-down of `field` offers; none unless they are the same for every workbook."""
    choices = (YES, NO) if field.kind is Kind.YES_NO else field.choices
    return tuple(choice.pl if language == "pl" else choice.en for choice in choices)
