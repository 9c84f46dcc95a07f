"""Applying the vocabulary to the clients: stages and tags as they should be written, and words that it lacks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.gather import Gathered
from validators.problems import Problem, Severity
from validators.records import Client
from validators.rows import as_text
from validators.tabs import CLIENTS, Kind, Owner
from validators.vocabulary import Vocabulary, tidy_one, tidy_tags


@dataclass(frozen=True, slots=True)
class Tidied:
    """`wanted` holds the new text by field and client id, where it differs; `problems` the words nobody knows."""

    wanted: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]


def tidy(found: Gathered) -> Tidied:
    """Every stage and tag cell as the vocabulary writes it. Text that a person has put back by `undo` stays."""
    fields = [f for f in CLIENTS.fields if f.vocabulary]
    positions = {id_: position for position, id_ in enumerate(found.ids["clients"])}
    wanted: dict[str, dict[str, str]] = {f.name: {} for f in fields if f.owner is Owner.NORMALISED}
    problems: list[Problem] = []
    for field in fields:
        column = found.tables["clients"].column(field.name)
        for client in found.clients:
            typed = as_text(column[positions[client.id]])
            undone = ("clients", client.id, field.name, typed) in found.past.undone
            if not typed or undone or field.name in client.doubtful:
                continue
            text, unknown = _tidied(found.vocabulary, field.kind, field.vocabulary, typed)
            if field.owner is Owner.NORMALISED and text != typed:
                wanted[field.name][client.id] = text
            problems += [_unknown(client, field.name, word, near) for word, near in unknown]
    return Tidied(wanted, tuple(problems))


def _tidied(vocabulary: Vocabulary, kind: Kind, words: str, typed: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    if kind is Kind.MANY_OF:
        return tidy_tags(vocabulary, typed)
    text, match = tidy_one(vocabulary, words, typed)
    return text, () if match.name is not None else ((typed, match.nearest),)


def _unknown(client: Client, field: str, word: str, nearest: str) -> Problem:
    params = {"nearest": nearest}
    return Problem("clients", client.line, client.id, field, word, "vocabulary_unknown", params, Severity.WARNING)
