"""The words of the tab that tells whether the service is at work, in Polish and English, and which texts are among
them. Words only; what is to be said is decided in sync/heartbeat.py, and where it stands in sync/heartbeat_place.py.
"""

import re
from collections.abc import Mapping

from config.labels import Label

TITLE = Label("Kartoteka", "Kartoteka")
OTHER_TITLE = Label("Kartoteka – stan", "Kartoteka – state")
HEADING = Label("Czy Kartoteka działa?", "Is Kartoteka at work?")
# In the order of the lines.
LABELS: Mapping[str, Label] = {
    "good": Label("Ostatni udany przebieg", "Last good sync"),
    "state": Label("Jak poszło", "How it went"),
    "next": Label("Następny przebieg", "Next run"),
    "until": Label("Następny wpis najpóźniej", "Next entry at the latest"),
    "then": Label("Gdy ten termin minął", "When that time has passed"),
}
_TEXTS: Mapping[str, Label] = {
    "none": Label("jeszcze żadnego nie było", "there was none yet"),
    "well": Label("dobrze", "well"),
    "person": Label(
        "dobrze, ale coś czeka na osobę, która opiekuje się Kartoteką",
        "well, but something waits for the person who looks after Kartoteka",
    ),
    "problems_one": Label(
        "dobrze; jedna rzecz do poprawienia w arkuszu (kolumny „Problemy”)",
        "well; one thing to correct in the sheet (columns “Problems”)",
    ),
    "problems_few": Label(
        "dobrze; {count} rzeczy do poprawienia w arkuszu (kolumny „Problemy”)",
        "well; {count} things to correct in the sheet (columns “Problems”)",
    ),
    "failed": Label(
        "nie udaje się od {moment}; proszę powiedzieć o tym osobie, która opiekuje się Kartoteką",
        "it has failed since {moment}; please tell the person who looks after Kartoteka",
    ),
    "minute": Label("co minutę", "every minute"),
    "minutes": Label("co {count} {minutes}", "every {count} {minutes}"),
    "times": Label("codziennie o {times}", "every day at {times}"),
    "times_on": Label("o {times} w dniach pracy usługi", "at {times} on the days of the service"),
    "sheet": Label(
        "usługa nie działa. Proszę powiedzieć o tym osobie, która opiekuje się Kartoteką.",
        "the service is not at work. Please tell the person who looks after Kartoteka.",
    ),
    "file": Label(
        "proszę zamknąć ten plik na wszystkich komputerach: gdy jest otwarty, Kartoteka nie może w nim zapisać. Jeżeli "
        "po następnym przebiegu nic się tu nie zmieni, usługa nie działa: proszę powiedzieć o tym osobie, która "
        "opiekuje się Kartoteką.",
        "please close this file on every computer: while it is open, Kartoteka cannot write to it. If nothing has "
        "changed here after the next run, the service is not at work: please tell the person who looks after "
        "Kartoteka.",
    ),
}


def said(name: str, language: str, **values: object) -> str:
    """One of the texts.

    >>> said("failed", "en", moment="2026-11-22 08:00")
    'it has failed since 2026-11-22 08:00; please tell the person who looks after Kartoteka'
    """
    return _TEXTS[name].in_language(language).format(**values)


def problems(count: int, language: str) -> str:
    """How it went when `count` (1 or more) problems stand in the sheet.

    >>> problems(1, "en"), problems(5, "pl")[:32]
    ('well; one thing to correct in the sheet (columns “Problems”)', 'dobrze; 5 rzeczy do poprawienia ')
    """
    return said("problems_one" if count == 1 else "problems_few", language, count=count)


def every(minutes: int, language: str) -> str:
    """How often syncs come that are so many minutes apart.

    >>> [every(n, "pl") for n in (1, 2, 5, 12, 22, 25)]
    ['co minutę', 'co 2 minuty', 'co 5 minut', 'co 12 minut', 'co 22 minuty', 'co 25 minut']
    """
    if minutes == 1:
        return said("minute", language)
    few = minutes % 10 in (2, 3, 4) and minutes % 100 not in (12, 13, 14)
    unit = ("minuty" if few else "minut") if language == "pl" else "minutes"
    return said("minutes", language, count=minutes, minutes=unit)


def is_value(text: str) -> bool:
    """Whether `text` is one of the texts, in either language and with whatever was put into it.

    >>> is_value("co 5 minut"), is_value("every 60 minutes"), is_value("zadzwonić do Ani")
    (True, True, False)
    """
    return bool(_VALUES.fullmatch(text))


def is_label(text: str, name: str) -> bool:
    """Whether `text` is the label `name` ("" for the heading) in either language."""
    return text in (LABELS[name] if name else HEADING)


def _pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))


_VALUES = re.compile("|".join(_pattern(text) for label in _TEXTS.values() for text in label))
