"""The letter templates that a new workbook starts with, one file each in config/letters/. Their words live there."""

from importlib import resources

from validators.templates import LetterTemplate


def default_templates() -> tuple[LetterTemplate, ...]:
    """The templates of every step of the default ladder in Polish and English, in the order of the ladder.

    A file `NAME.LANGUAGE.txt` holds the subject in its first line, a blank line, and the body.

    >>> [t.name for t in default_templates() if t.language == "pl"]
    ['before', 'first', 'second', 'third', 'final']
    """
    return tuple(_template(name, language) for name in NAMES for language in ("pl", "en"))


NAMES = ("before", "first", "second", "third", "final")


def _template(name: str, language: str) -> LetterTemplate:
    text = resources.files("config").joinpath("letters", f"{name}.{language}.txt").read_text("utf-8")
    subject, _, body = text.partition("\n\n")
    return LetterTemplate(name, language, subject.strip(), body.strip())
