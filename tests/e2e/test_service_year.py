"""Some weeks of `kartoteka run` in virtual time; a whole year is in the soak."""

from datetime import date, time

from mailers import notices, smtp  # noqa: F401 - loaded once, before the forks
from sync.commands import keeping, service, setting_up  # noqa: F401
from sync.storage import google, google_look  # noqa: F401
from tests.soak.service_year import QUOTA, ZONE, lived
from tests.soak.year_oracle import Deed, Posted, Run, judged, out_of_time, scheduled
from tests.soak.year_scenario import moment

NIGHT, MORNING = time(2, 30), time(8)
MONDAY = date(2027, 3, 22)  # clocks go forward on Easter Sunday


def test_through_easter_and_a_clock_change_each_letter_is_right_and_no_sync_is_left_out() -> None:
    """Beside people who pay and move rows, with outages, a kill and a start anew; by the brute force of an oracle."""
    found = lived(weeks=2, seed=13, first=MONDAY, times=(NIGHT, MORNING), afresh=False)
    assert found.wrong == []
    assert found.busiest <= QUOTA
    assert found.accidents
    assert sum(not letter.refused for letter in found.posted) > 10
    assert len([run for run in found.runs if run.whole]) > 20


class TestTheOracle:
    """It sees what it is there for."""

    deeds = (
        Deed(0, "Klienci", "Ala", {"Nazwa": "Ala", "E-mail": "ala@example.pl"}),
        Deed(0, "Faktury", "FV/1", {"Klient": "Ala", "Termin płatności": "2027-03-15", "Kwota brutto": 1230.5}),
    )
    run = Run(moment(MONDAY, 8), "done")
    letter = Posted(run.at + 5, "ala@example.pl", frozenset({"FV/1"}), "Niezapłacona faktura FV/1", "… 1 230,50 zł")

    def test_a_letter_that_is_right(self) -> None:
        assert judged(self.deeds, [self.run], [self.letter], []) == []

    def test_one_that_did_not_come(self) -> None:
        (wrong,) = judged(self.deeds, [self.run], [], [])
        assert "no letter to ala@example.pl" in wrong

    def test_one_that_came_twice_or_after_payment(self) -> None:
        (wrong,) = judged(self.deeds, [self.run], [self.letter, self.letter], [])
        assert "nothing asks for" in wrong
        paid = Deed(1, "Faktury", "FV/1", {"Zapłacono": 1230.5})
        assert judged([*self.deeds, paid], [self.run], [self.letter], []) == [wrong]

    def test_a_sync_that_was_left_out_or_doubled(self) -> None:
        """In the night of a clock change, too."""
        night = [moment(date(2027, 10, 31), 2, 30)]
        awake = [(night[0] - 3600, night[0] + 86400)]
        moments = scheduled(*awake[0], [NIGHT])
        assert moments == [*night, night[0] + 86400 + 3600][: len(moments)]
        right = [Run(at, "done") for at in moments]
        assert out_of_time(awake, moments, right) == []
        assert out_of_time(awake, moments, right[1:]) == ["no sync at 2027-10-31 02:30:00 CEST", "syncs doubled"]
        again = [Run(night[0] + 3600, "done")]
        assert "a sync at 2027-10-31 02:30:00 CET" in out_of_time(awake, moments, right + again)


def test_the_zone_is_warsaw() -> None:
    assert ZONE.key == "Europe/Warsaw"
