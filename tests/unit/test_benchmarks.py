"""The benchmark works, at sizes too small to measure anything: no assertion here is about time. Requests are exact."""

from tests.benchmarks import google
from tests.benchmarks.__main__ import main, placed
from tests.benchmarks.office import look, office, set_up
from tests.benchmarks.register import sheets
from tests.benchmarks.rivals import assignment, compared


def test_a_quick_run_prints_every_table_whole(capsys):
    main(["--quick"])
    parts = [part.splitlines() for part in capsys.readouterr().out.strip().split("\n\n")]
    whole, register, syncs, rivals, letters, lists = parts
    assert len(whole) == 2 + 1 + 2 * 4
    assert register[0] == "| what | measured | aim |"
    assert len(register) == 2 + 5 + 5 + 3 + 3
    assert len(syncs) == 2 + 3
    assert len(rivals) == 2 + 5
    assert len(letters) == 2 + 3
    assert len(lists) == 2 + 2 * 5 + 2
    for part in parts:
        assert len({line.count("|") for line in part}) == 1


def test_a_quiet_sync_with_google_is_one_request_and_a_busy_one_two():
    found = google.counted(20)
    assert (found.rows, found.quiet, found.busy) == (100, 1, 2)
    assert found.cells
    assert found.appended


def test_a_first_sync_with_google_takes_as_many_requests_as_are_counted_in_its_plan():
    new = set_up(sheets(20, google.INVOICES_PER_CLIENT)).read()
    with google.desk(new.sheets) as desk:
        made, done = desk.sync(largest=20_000)
    assert made == google.requests(done.written[0], largest=20_000) > 3


def test_all_ways_do_the_same_work_and_ours_needs_two_requests():
    costs = compared(assignment(100, 20, 20))
    ours, looked_up, remembered, batched, _ = costs.values()
    assert [cost.requests for cost in (ours, looked_up, remembered, batched)] == [2, 5 + 60, 5 + 40, 5 + 2]
    assert not any(cost.wrong for cost in (ours, looked_up, remembered, batched))


def test_what_is_measured_is_a_workbook_in_which_nothing_is_left_to_do():
    made = office(20)
    assert look(made.quiet).plan.empty
    assert not look(made.new).plan.empty


def test_the_same_size_is_the_same_register():
    assert sheets(12) == sheets(12)


def test_the_table_replaces_what_stands_between_its_marks_and_nothing_else():
    page = "above\n<!-- bench -->\nold\n<!-- /bench -->\nbelow\n"
    assert placed(page, "| new |") == "above\n<!-- bench -->\n| new |\n<!-- /bench -->\nbelow\n"
    assert placed(page, "| new |", "bench-google") == page
    assert placed("no marks", "| new |") == "no marks"
