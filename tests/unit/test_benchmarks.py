"""The benchmark works, at sizes too small to measure anything: no assertion here is about time."""

from tests.benchmarks.__main__ import END, START, main, placed
from tests.benchmarks.office import look, office
from tests.benchmarks.register import sheets


def test_a_quick_run_prints_the_whole_table(capsys):
    main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| what | measured | aim |"
    assert len(lines) == 2 + 5 + 5 + 3 + 3 + 1
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[2:])


def test_what_is_measured_is_a_workbook_in_which_nothing_is_left_to_do():
    made = office(20)
    assert look(made.quiet).plan.empty
    assert not look(made.new).plan.empty


def test_the_same_size_is_the_same_register():
    assert sheets(12) == sheets(12)


def test_the_table_replaces_what_stands_between_the_marks_and_nothing_else():
    page = f"above\n{START}\nold\n{END}\nbelow\n"
    assert placed(page, "| new |") == f"above\n{START}\n| new |\n{END}\nbelow\n"
    assert placed("no marks", "| new |") == "no marks"
