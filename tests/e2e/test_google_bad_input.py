"""Whatever is wrong with a Google spreadsheet, its account or the way there ends in a sentence that says what and what
to do, and an exit status: nothing half-written, the sheet as it was, and the next run as if nothing had been."""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.running import command, kartoteka
from tests.fakes.faults import Fault
from tests.fakes.scripted_server import PAGE, Part, ScriptedServer, answer, cut
from tests.fakes.sheets_server import FakeSheets
from tests.google_desk_for_tests import Firm
from tests.google_troubles_for_tests import (
    SHARE,
    WHO,
    Always,
    Cells,
    Heal,
    Trouble,
    api_off,
    at,
    cells,
    deleted,
    emptied,
    faulty,
    fine,
    full,
    headless,
    in_the_bin,
    journal_cannot_be_written,
    just_before_the_write,
    key_of_somebody_else,
    key_with,
    no_key,
    no_such_spreadsheet,
    pending,
    protected,
    refused,
    renamed,
    shared_as,
    state_is_a_file,
    swapped,
    unplugged,
)

NO_HEADER = ("has no header row", "Write these headers into one row above the data")
UNREADABLE_JOURNAL = (3, "pending.json", "cannot be read", "remove this file")
BEFORE: Mapping[str, tuple[Trouble, int, *tuple[str, ...]]] = {
    "no such spreadsheet": (no_such_spreadsheet, 3, "no Google spreadsheet '1xxx", "copy its whole address"),
    "in the bin": (in_the_bin, 3, "There is no Google spreadsheet", "take it back out of the bin"),
    "not shared": (shared_as(""), 3, f"is not shared with {WHO}", SHARE),
    "shared for reading": (shared_as("reader"), 3, "for reading only", "Nothing was written", SHARE),
    "no key file": (no_key, 2, "service-account.json does not exist", "Make a JSON key"),
    "key cut off": (key_with(lambda key: key[:300]), 2, "service-account.json", "damaged JSON", "Make a JSON key"),
    "key altered": (key_with(lambda key: key.replace("MII", "MXI")), 2, "private key is damaged", "Make a JSON key"),
    "account deleted": (key_of_somebody_else, 3, "dawny@biuro", "deleted or disabled", "new JSON key"),
    "API not enabled": (api_off, 3, "API is not enabled", "sheets.googleapis.com/overview?project=", "→ Enable"),
    "tab deleted": (deleted("Klienci"), 2, "no tab 'Klienci' (Clients)", "It has: 'Faktury'", "kartoteka init"),
    "tab renamed": (renamed("Faktury"), 2, "no tab 'Faktury' (Invoices)", "'Stare'", "kartoteka init"),
    "header row deleted": (headless("Klienci"), 2, "The tab 'Klienci'", *NO_HEADER),
    "history without header": (headless("Historia"), 2, "The tab 'Historia'", *NO_HEADER),
    "tab emptied": (emptied, 2, "no tab 'Faktury' (Invoices) with headers", "kartoteka init"),
    "service column protected": (protected("Faktury", 15, 25), 3, "protected range", WHO, "Data (Dane)", "Nothing was"),
    "history protected": (protected("Historia", 0, 9), 3, "protected range", WHO, "Protected sheets and ranges"),
    "ten million cells": (full, 3, "10 million cells", "Delete empty rows", "Nothing was written"),
    "429 for ever": (faulty(Always(Fault.REFUSED)), 3, "limit of requests a minute", "Wait a minute"),
    "503 page for ever": (faulty(Always(Fault.REFUSED, 503, page=True)), 3, "status 503", "appsstatus"),
    "answers cut off": (faulty(Always(Fault.CUT)), 3, "broke off", "Check the internet connection"),
    "network down": (unplugged, 3, "broke off", "Check the internet connection"),
    "nobody there": (at("http://127.0.0.1:9"), 3, "No connection to Google", "firewall"),
    "no such name": (at("http://sheets.invalid"), 3, "was not found", "offline", "DNS"),
    "no address": (at("http://127.0.0.1:port"), 2, "SHEETS_EMULATOR_HOST", "unset it to use Google"),
    "state folder is a file": (state_is_a_file, 3, "state folder", "cannot be written", "[state] folder"),
    "journal cannot be written": (journal_cannot_be_written, 3, "pending", "cannot be written", "[state] folder"),
    "journal cut off": (pending('{"format": 1, "st'), *UNREADABLE_JOURNAL),
    "journal of the future": (pending('{"format": 2}'), *UNREADABLE_JOURNAL),
    "journal of something else": (pending('{"format":1,"step":"x","token":1,"pages":{}}'), *UNREADABLE_JOURNAL),
    "journal of a list": (pending('{"format":1,"step":1,"token":"x","pages":[]}'), *UNREADABLE_JOURNAL),
}


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_wrong_at_the_start_is_said_and_changes_nothing(name: str, firm: Firm, undisturbed: Cells) -> None:
    trouble, status, *told = BEFORE[name]
    heal = trouble(firm)
    before = cells(firm)
    refused(firm.run("sync"), status, *told)
    assert cells(firm) == before
    heal()
    fine(firm, undisturbed)


def test_titles_swapped_before_the_read_are_said(firm: Firm) -> None:
    swapped(firm)
    before = cells(firm)
    refused(firm.run("sync"), 2, "The tab 'Klienci' has no header row", "where 'Numer' stands")
    assert cells(firm) == before


MEANWHILE: Mapping[str, tuple[Trouble, int, *tuple[str, ...]]] = {
    "tab deleted": (deleted("Klienci"), 2, "no tab 'Klienci' (Clients)", "It has: 'Faktury'"),
    "history deleted": (deleted("Historia"), 2, "no tab 'Historia' (History)", "kartoteka init"),
    "service column protected": (protected("Faktury", 15, 25), 3, "protected range", WHO, "Nothing was written"),
    "put into the bin": (in_the_bin, 3, "There is no Google spreadsheet", "bin"),
    "no longer shared": (shared_as(""), 3, "or not any more", "Nothing was written", SHARE),
    "no longer for writing": (shared_as("reader"), 3, "for reading only", "Nothing was written", SHARE),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_goes_wrong_between_read_and_write_is_said_and_nothing_half_written(
    name: str, firm: Firm, undisturbed: Cells
) -> None:
    trouble, status, *told = MEANWHILE[name]
    moment = just_before_the_write(firm, trouble)
    refused(firm.run("sync"), status, *told)
    assert cells(firm) == moment.cells
    moment.heal()
    fine(firm, undisturbed)


@pytest.mark.parametrize("title", ["Klienci", "Faktury"])
def test_a_header_row_deleted_between_read_and_write_is_named_and_all_is_right_once_it_is_back(
    title: str, firm: Firm, undisturbed: Cells
) -> None:
    """Without it nobody can tell what the columns are; what landed a row too low is mended as soon as it is there."""
    moment = just_before_the_write(firm, headless(title))
    refused(firm.run("sync"), 2, f"header row of the tab '{title}' is gone", "Put it back", "half-written is mended")
    refused(firm.run("sync"), 2, f"'{title}'", "header")
    moment.heal()
    fine(firm, undisturbed)


def test_titles_swapped_between_read_and_write_mislead_nobody(firm: Firm, undisturbed: Cells) -> None:
    """The write goes to the tabs that were read, whatever they are called by then."""
    moment = just_before_the_write(firm, swapped)
    firm.run("sync")
    moment.heal()
    fine(firm, undisturbed)


def anew(firm: Firm) -> Heal:
    """Delete a tab and make another of the same title with the same content."""
    old = firm.delete_tab("Faktury")
    firm.book.add_tab({"title": "Faktury", "index": old.index}).rows = [list(row) for row in old.rows]
    return lambda: None


def test_a_tab_made_anew_under_its_old_title_is_the_tab(firm: Firm, undisturbed: Cells) -> None:
    anew(firm)
    fine(firm, undisturbed)


def test_a_tab_made_anew_between_read_and_write_is_the_tab(firm: Firm, undisturbed: Cells) -> None:
    just_before_the_write(firm, anew)
    fine(firm, undisturbed)


def test_a_token_that_expires_between_read_and_write_is_renewed(firm: Firm, undisturbed: Cells) -> None:
    just_before_the_write(firm, lambda firm: firm.server.expire_tokens() or (lambda: None))
    fine(firm, undisturbed)


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FAILED, Fault.RESET, Fault.CUT, Fault.LATE])
def test_a_write_of_which_nobody_hears_is_there_once(fault: Fault, firm: Firm, undisturbed: Cells) -> None:
    heal = faulty(Always(fault, 503, writes=1))(firm)
    assert firm.run("sync").status == 0
    heal()
    firm.server.settle()
    fine(firm, undisturbed)


@pytest.mark.parametrize(
    "part", [PAGE, answer(200, b""), answer(200, b"[1]"), cut], ids=["page", "empty", "list", "cut"]
)
def test_an_answer_of_somebody_else_is_not_taken_for_googles(part: Part, firm: Firm, undisturbed: Cells) -> None:
    before = cells(firm)
    with ScriptedServer(part) as guest_network:
        heal = at(guest_network.url)(firm)
        refused(firm.run("sync"), 3, "run again")
    assert cells(firm) == before
    heal()
    fine(firm, undisturbed)


def test_a_network_that_goes_away_for_good_in_the_middle_of_a_write(
    ready: Firm, tmp_path: Path, undisturbed: Cells
) -> None:
    """The write is carried out unheard; the next run finds it, and does nothing twice."""
    with FakeSheets(clock=ready.clock) as gone:
        firm = moved_to(gone, ready.copied(tmp_path))
        just_before_the_write(firm, lambda _: gone.stop() or (lambda: None))
        refused(firm.run("sync"), 3, "No connection", "Check the internet connection")
    with FakeSheets(clock=ready.clock) as back:
        fine(moved_to(back, firm), undisturbed)


def moved_to(server: FakeSheets, firm: Firm) -> Firm:
    """The same firm at another server."""
    server.books[firm.book.id], server.shared[firm.book.id] = firm.book, "writer"
    firm.server, firm.host = server, server.url
    server.key_file(firm.key)
    return firm


class TestTheCommand:
    """As a process of its own: exit status, no traceback."""

    def test_an_error_is_a_sentence_and_a_status(self, firm: Firm) -> None:
        shared_as("")(firm)
        done = kartoteka(firm.folder, "sync", SHEETS_EMULATOR_HOST=firm.host)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert f"is not shared with {WHO}" in done.stderr
        assert SHARE in done.stderr

    def test_ctrl_c_while_google_keeps_us_waiting(self, firm: Firm, undisturbed: Cells) -> None:
        """Exit status 130, nothing lost, and the next run does it all."""
        heal = faulty(Always(Fault.REFUSED))(firm)
        asked = firm.server.count()
        run = subprocess.Popen(
            command("sync", "--now", "2026-11-23T08:00"),
            cwd=firm.folder,
            env={"SHEETS_EMULATOR_HOST": firm.host, "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 60
        while firm.server.count() < asked + 2 and time.monotonic() < until:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "Interrupted." in told
        assert "Traceback" not in told
        heal()
        fine(firm, undisturbed)


def test_a_tab_renamed_in_the_second_of_a_write_has_its_title_put_back(firm: Firm, undisturbed: Cells) -> None:
    """The price of never writing into another tab that took the title: whoever renamed it does so again."""
    just_before_the_write(firm, renamed("Klienci"))
    assert firm.run("sync").status == 0
    assert cells(firm) == undisturbed
