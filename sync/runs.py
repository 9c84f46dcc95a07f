"""The id of a run: when it began, and on which machine. Pure; the mark of a machine is kept by opening.py."""

from datetime import datetime, timedelta

MARK = 4  # characters
_MOMENT = "%Y%m%dT%H%M%S"


def run_id(now: datetime, mark: str, token: str) -> str:
    """The id of a run that begins at `now` on the machine with this `mark`; `token` tells it from others there.

    >>> run_id(datetime(2026, 11, 23, 8), "7f3a", "c1e0")
    '20261123T080000-7f3ac1e0'
    """
    return f"{now:{_MOMENT}}-{mark}{token}"


def service_id(now: datetime, token: str) -> str:
    """What stands in the place of a run's id where the service, which began at `now`, speaks of itself.

    >>> service_id(datetime(2026, 11, 23, 8), "c1e0")
    'service-20261123T080000-c1e0'
    """
    return f"service-{now:{_MOMENT}}-{token}"


def same_machine(run: str, other: str) -> bool:
    """Whether two runs were on one machine.

    >>> same_machine("20261123T080000-7f3ac1e0", "20261124T080000-7f3a99ab")
    True
    """
    return _mark(run) == _mark(other)


def is_older(run: str, age: timedelta, now: datetime) -> bool:
    """Whether `run` began more than `age` before `now`, both in the workbook's time; so is one that tells no moment.

    >>> is_older("20261123T080000-7f3ac1e0", timedelta(hours=1), datetime(2026, 11, 23, 8, 59))
    False
    """
    try:
        began = datetime.strptime(run.partition("-")[0], _MOMENT)  # noqa: DTZ007 - local, as the history holds it
    except ValueError:
        return True
    return now.replace(tzinfo=None) - began > age


def _mark(run: str) -> str:
    return run.rpartition("-")[2][:MARK]
