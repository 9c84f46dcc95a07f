"""The letter templates that a new workbook starts with, one file each in config/letters/. Their words live there."""

from collections.abc import Mapping
from importlib import resources

from config.labels import Label
from validators.templates import LetterTemplate

# The templates of the default ladder, in its order, as the tabs of a workbook name them.
NAMES: Mapping[str, Label] = {
    "before": Label("przed terminem", "before"),
    "first": Label("pierwsze", "first"),
    "second": Label("drugie", "second"),
    "third": Label("trzecie", "third"),
    "final": Label("ostateczne", "final"),
}


def default_templates(language: str) -> tuple[LetterTemplate, ...]:
    """The templates of every step of the default ladder, in Polish and in English, named in `language`.

    A file `NAME.LANGUAGE.txt` holds the subject in its first line, a blank line, and the body.

    >>> [t.name for t in default_templates("en") if t.language == "pl"]
    ['before', 'first', 'second', 'third', 'final']
    """
    return tuple(_template(name, NAMES[name].in_language(language), words) for name in NAMES for words in ("pl", "en"))


def _template(name: str, title: str, language: str) -> LetterTemplate:
    text = resources.files("config").joinpath("letters", f"{name}.{language}.txt").read_text("utf-8")
    subject, _, body = text.partition("\n\n")
    return LetterTemplate(title, language, subject.strip(), body.strip())
