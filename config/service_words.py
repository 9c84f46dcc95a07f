"""What the team reads of the service itself: that it is not well, that it is again, why a letter waits. Words only."""

from collections.abc import Mapping
from datetime import datetime

from config.labels import Label
from config.reasons import day

_WORDS: Mapping[str, Label] = {
    "stopped": Label(
        "nie wysłano: Kartoteka została zatrzymana; list pójdzie z następnym przebiegiem",
        "not sent: Kartoteka was stopped; the letter goes with the next run",
    ),
    "ill": Label("Kartoteka nie może pracować: {workbook}", "Kartoteka cannot do its work: {workbook}"),
    "failed": Label("Przebieg z {moment} nie powiódł się.", "The run of {moment} failed."),
    "ill_end": Label(
        "Spróbuje ponownie w następnym zaplanowanym terminie. Powie, gdy znów będzie dobrze, a do tego czasu tego nie "
        "powtórzy. Czego zespół sam nie naprawi, trzeba powiedzieć osobie, która opiekuje się Kartoteką; szczegóły "
        "pokaże jej polecenie: kartoteka status",
        "It tries again at the next scheduled time. It will say when all is well again, and not repeat this before. "
        "What the team cannot mend is for the person who looks after Kartoteka; details: kartoteka status",
    ),
    "well": Label("Kartoteka znów pracuje: {workbook}", "Kartoteka works again: {workbook}"),
    "done": Label("Przebieg z {moment} się powiódł.", "The run of {moment} went well."),
}


def stopped(language: str) -> str:
    """Why a letter that was about to leave stayed here when the service was stopped.

    >>> stopped("en")
    'not sent: Kartoteka was stopped; the letter goes with the next run'
    """
    return _WORDS["stopped"].in_language(language)


def not_well(workbook: str, began: datetime, why: str, language: str) -> tuple[str, str]:
    """Title and text of the message that a scheduled run failed, and `why`, in words of the same language."""
    head, end = _said("failed", language, moment=_moment(began, language)), _said("ill_end", language)
    return _said("ill", language, workbook=workbook), f"{head}\n\n{why}\n\n{end}\n"


def well_again(workbook: str, began: datetime, language: str) -> tuple[str, str]:
    """Title and text of the message that runs go well again."""
    return _said("well", language, workbook=workbook), f"{_said('done', language, moment=_moment(began, language))}\n"


def _said(name: str, language: str, **words: str) -> str:
    return _WORDS[name].in_language(language).format(**words)


def _moment(moment: datetime, language: str) -> str:
    return f"{day(moment.date(), language)} {moment:%H:%M}"
