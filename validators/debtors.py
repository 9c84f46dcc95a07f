"""Which client an invoice means: by id, tax id, e-mail or name, and only when exactly one client answers to it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from validators.names import without_legal_form
from validators.records import Client
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Found:
    """The one client meant (`id`), or None with every candidate, or with the nearest client's name ("" if none)."""

    id: str | None
    candidates: tuple[str, ...] = ()
    nearest: str = ""


_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


class ClientIndex:
    """Looks clients up by what a person may write in an invoice's Client cell."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._keys: tuple[dict[str, list[str]], ...] = tuple(defaultdict(list) for _ in range(4))
        # By initial: a slip seldom hits the first letter, and asking every name costs clients × unknown names.
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        self._known: dict[str, Found] = {}
        by_id, by_tax_id, by_email, by_name = self._keys
        for client in clients:
            by_id[_code(client.id)].append(client.id)
            if client.tax_id:
                by_tax_id[_code(client.tax_id)].append(client.id)
            for address in client.email:
                by_email[address.casefold()].append(client.id)
            if key := fold(client.name):
                by_name[key].append(client.id)
                bare = fold(without_legal_form(client.name)) or key
                self._names[bare[0]].setdefault(bare, client.name)

    def find(self, text: str) -> Found:
        """The client that `text` means. Id goes before tax id, tax id before e-mail, e-mail before name."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._find(text)
        return found

    def _find(self, text: str) -> Found:
        code = _code(text)
        wanted = (code, code.removeprefix("PL"), text.strip().casefold(), fold(text))
        for index, key in zip(self._keys, wanted, strict=True):
            ids = index.get(key, []) if key else []
            if len(ids) == 1:
                return Found(ids[0])
            if ids:
                return Found(None, candidates=tuple(ids))
        return Found(
            None, nearest="" if "@" in text or code.isdecimal() else self._nearest(fold(without_legal_form(text)))
        )

    def _nearest(self, key: str) -> str:
        names = self._names.get(key[:1], {})
        near = process.extractOne(key, names.keys(), scorer=fuzz.ratio, score_cutoff=70)
        return names[near[0]] if near else ""


def _code(text: str) -> str:
    return _NO_LETTER_OR_DIGIT.sub("", text).upper()
