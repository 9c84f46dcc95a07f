"""One letter template as it stands in the Templates tab. What it may say is decided in mailers/letters.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A template: its name (as the ladder calls it), language ("pl" or "en"), subject and plain-text body."""

    name: str
    language: str
    subject: str
    body: str
