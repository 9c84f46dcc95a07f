"""Bringing lists into a workbook file: the real command, started, stopped, run again and taken back."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.e2e.running import CLIENTS as CLIENT_COLUMNS
from tests.e2e.running import Done, cells, command, kartoteka, make

LIST = """Lista klientów 2026;;;;;
\r
Nazwa firmy;NIP;Adres e-mail;Tel. kom.;Uwagi;Zbędne\r
Alfa sp. z o.o.;526-025-02-74;biuro@alfa.pl;601 234 567;=1+1;x\r
Beta S.A.;5252248481;zły;;;\r
Żuraw Anna;;anna@zuraw.pl;+48 602 345 678;;\r
Łąka sp.j.;;laka@laka.pl;;-1+1;\r
"""
INVOICES = """Numer;Nabywca;NIP nabywcy;Data wystawienia;Termin;Kwota brutto;Waluta;Status
FV/1/2026;Alfa sp. z o.o.;5260250274;28.09.2026;14 dni;1 230,00;PLN;opłacona
FV/2/2026;Nowy Klient sp. z o.o.;5252248481;29.09.2026;14 dni;100,50;PLN;
"""


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A folder with a workbook that is set up, and a list."""
    make(tmp_path / "firma.xlsx", {"Klienci": [CLIENT_COLUMNS, ["Gamma", "g@gamma.pl", ""]]})
    assert kartoteka(tmp_path, "init", "--yes", "--workbook", "firma.xlsx").returncode == 0
    (tmp_path / "lista.csv").write_bytes(LIST.encode("cp1250"))
    (tmp_path / "faktury.csv").write_text(INVOICES, encoding="utf-8")
    return tmp_path


def names(folder: Path, tab: str = "Klienci", column: str = "Nazwa") -> list[object]:
    header, *rows = cells(folder / "firma.xlsx")[tab]
    return [row[header.index(column)] for row in rows if row[header.index(column)] is not None]


def ended(done: Done, status: int) -> str:
    assert done.returncode == status, done.stdout + done.stderr
    return str(done.stdout)


def document(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    found = json.loads(ended(kartoteka(folder, "import", *words, "--json"), status))
    assert isinstance(found, dict)
    return found


class TestAList:
    def test_it_is_brought_in_and_again_is_a_no_op(self, firm: Path) -> None:
        ended(kartoteka(firm, "import", "lista.csv"), 1)
        assert names(firm) == ["Gamma", "Alfa sp. z o.o.", "Żuraw Anna", "Łąka sp.j."]
        before = (firm / "firma.xlsx").read_bytes()
        assert "3 known" in ended(kartoteka(firm, "import", "lista.csv"), 1)
        assert (firm / "firma.xlsx").read_bytes() == before

    def test_a_dry_run_tells_all_and_writes_nothing(self, firm: Path) -> None:
        before = (firm / "firma.xlsx").read_bytes()
        told = ended(kartoteka(firm, "import", "lista.csv", "--dry-run"), 1)
        assert "Alfa sp. z o.o." in told
        assert "zły" in told
        assert (firm / "firma.xlsx").read_bytes() == before
        assert not (firm / "lista.rejected.csv").exists()

    def test_a_dry_run_of_several_files_foresees_what_the_first_brings_to_the_others(self, firm: Path) -> None:
        foreseen = document(firm, "lista.csv", "faktury.csv", "faktury.csv", "--dry-run", status=1)["import"]
        done = document(firm, "lista.csv", "faktury.csv", "faktury.csv", status=1)["import"]
        assert foreseen["created"] == done["created"] == {"clients": 4, "invoices": 2}
        assert [(one["new"], one["known"]) for one in foreseen["lists"]] == [(3, 0), (2, 0), (0, 2)]

    def test_of_several_files_it_says_which_the_lines_are_about(self, firm: Path) -> None:
        lines = ended(kartoteka(firm, "import", "lista.csv", "faktury.csv", "--dry-run"), 1).splitlines()
        ends = [n for n, line in enumerate(lines) if line.startswith(("4 rows:", "2 rows:"))]
        heads = [lines.index("lista.csv"), lines.index("faktury.csv")]
        assert heads[0] < ends[0] < heads[1] < ends[1]
        assert "lista.csv" not in ended(kartoteka(firm, "import", "lista.csv", "--dry-run"), 1).splitlines()

    def test_rejected_rows_are_mended_and_imported_again(self, firm: Path) -> None:
        ended(kartoteka(firm, "import", "lista.csv"), 1)
        left = (firm / "lista.rejected.csv").read_text("utf-8-sig")
        assert left.splitlines()[0] == "Nazwa firmy;NIP;Adres e-mail;Tel. kom.;Uwagi;Zbędne;Powód odrzucenia"
        (firm / "lista.rejected.csv").write_text(left.replace(";zły;", ";beta@beta.pl;"), encoding="utf-8-sig")
        ended(kartoteka(firm, "import", "lista.rejected.csv"), 0)
        assert names(firm)[-1] == "Beta S.A."

    def test_no_text_becomes_a_formula(self, firm: Path) -> None:
        (firm / "zle.csv").write_text("Nazwa,E-mail,Uwagi\n=cmd|' /C calc'!A0,zły,@SUM(A1)\n=1+1,a@b.pl,+1\n", "utf-8")
        ended(kartoteka(firm, "import", "zle.csv"), 1)
        assert names(firm)[-1] == "=1+1"
        sheets = load_workbook(firm / "firma.xlsx").worksheets
        assert not [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        left = (firm / "zle.rejected.csv").read_text("utf-8-sig").splitlines()[1]
        assert left.startswith("'=cmd|' /C calc'!A0,zły,'@SUM(A1),")
        ended(kartoteka(firm, "import", "zle.rejected.csv"), 1)
        assert not (firm / "zle.rejected-2.csv").exists()
        assert (firm / "zle.rejected.csv").read_text("utf-8-sig").splitlines()[1] == left

    def test_an_older_list_of_rejects_is_not_overwritten(self, firm: Path) -> None:
        (firm / "lista.rejected.csv").write_text("moje poprawki", encoding="utf-8")
        told = ended(kartoteka(firm, "import", "lista.csv"), 1)
        assert (firm / "lista.rejected.csv").read_text("utf-8") == "moje poprawki"
        assert "lista.rejected-2.csv" in told

    def test_what_was_said_of_a_column_is_remembered(self, firm: Path) -> None:
        ended(kartoteka(firm, "import", "lista.csv", "--map", "Zbędne=tags"), 1)
        found = document(firm, "lista.csv", "--dry-run", status=1)
        assert found["import"]["lists"][0]["columns"]["Zbędne"] == "tags"

    def test_what_is_only_tried_is_not_remembered(self, firm: Path) -> None:
        ended(kartoteka(firm, "import", "lista.csv", "--map", "Uwagi=tags", "--dry-run"), 1)
        found = document(firm, "lista.csv", "--dry-run", status=1)
        assert found["import"]["lists"][0]["columns"]["Uwagi"] == "notes"


class TestJson:
    def test_it_says_which_of_several_columns_counts(self, firm: Path) -> None:
        shared = ("--map", "Uwagi=source", "--map", "NIP=source")
        (note,) = document(firm, "lista.csv", *shared, "--dry-run", status=1)["import"]["notes"]
        assert note.startswith("lista.csv: NIP, Uwagi → source: of each row the first that is filled counts")

    def test_the_document_has_the_shape_of_sync_and_the_counts(self, firm: Path) -> None:
        found = document(firm, "lista.csv", status=1)
        counted = found["import"]
        assert isinstance(counted, dict)
        assert (counted["file"], counted["kind"], counted["rows"]) == ("lista.csv", "clients", 4)
        verdicts = ("new", "known", "update", "conflict", "duplicate", "rejected")
        assert [counted[name] for name in verdicts] == [3, 0, 0, 0, 0, 1]
        assert found["state"] == "done"
        assert [c["name"] for c in found["clients"]][1:] == ["Alfa sp. z o.o.", "Żuraw Anna", "Łąka sp.j."]
        assert [(p["row"], p["field"], p["code"]) for p in found["problems"]] == [(5, "email", "email_invalid")]
        sync = json.loads(kartoteka(firm, "sync", "--dry-run", "--json").stdout)
        assert set(sync) | {"import"} == set(found)


class TestInvoices:
    def test_their_clients_are_found_or_created_and_payments_understood(self, firm: Path) -> None:
        ended(kartoteka(firm, "import", "lista.csv", "faktury.csv"), 1)
        assert names(firm)[-1] == "Nowy Klient sp. z o.o."
        ended(kartoteka(firm, "sync", "--now", "2026-10-01T09:00"), 0)
        assert names(firm, "Faktury", "Status") == ["Opłacona", "Przed terminem"]
        assert names(firm, "Faktury", "ID klienta") == ["K-0002", "K-0005"]


class TestUndo:
    def test_a_run_is_taken_back_but_for_what_people_edited(self, firm: Path) -> None:
        run = document(firm, "lista.csv", "faktury.csv", status=1)["run"]
        kartoteka(firm, "sync")
        changed(firm / "firma.xlsx", "Żuraw Anna", "Anna Żuraw-Nowak")
        told = ended(kartoteka(firm, "undo", str(run)), 1)
        assert "Anna Żuraw-Nowak" not in told
        assert "K-0003" in told
        assert names(firm) == ["Gamma", "Anna Żuraw-Nowak"]
        assert names(firm, "Faktury", "Numer") == []
        ended(kartoteka(firm, "sync"), 0)

    def test_one_batch_alone(self, firm: Path) -> None:
        run = document(firm, "lista.csv", "--batch-size", "2", status=1)["run"]
        ended(kartoteka(firm, "undo", f"{run}/2"), 0)
        assert names(firm) == ["Gamma", "Alfa sp. z o.o.", "Żuraw Anna"]
        ended(kartoteka(firm, "import", "lista.csv"), 1)
        assert names(firm) == ["Gamma", "Alfa sp. z o.o.", "Żuraw Anna", "Łąka sp.j."]


class TestWrongUse:
    @pytest.mark.parametrize(
        ("words", "what"),
        [
            (["lista.csv", "--map", "Nic=name"], "no column 'Nic'"),
            (["lista.csv", "--map", "NIP=nipp"], "no field 'nipp'"),
            (["lista.csv", "--map", "NIP"], "no field in it"),
            (["lista.csv", "--to", "invoices"], "number"),
            (["lista.csv", "--to", "klienci"], "Invalid value for '--to': 'klienci' is not one of"),
            (["lista.csv", "--batch-size", "0"], "one record"),
            (["nie-ma.csv"], "nie-ma.csv"),
            (["."], "."),
        ],
    )
    def test_it_ends_in_a_sentence_and_nothing_is_written(self, firm: Path, words: list[str], what: str) -> None:
        before = (firm / "firma.xlsx").read_bytes()
        done = kartoteka(firm, "import", *words)
        assert done.returncode == 2, done.stdout + done.stderr
        assert what in done.stderr
        assert (firm / "firma.xlsx").read_bytes() == before

    def test_before_init_it_says_what_to_do(self, tmp_path: Path) -> None:
        make(tmp_path / "firma.xlsx", {"Klienci": [CLIENT_COLUMNS]})
        (tmp_path / "kartoteka.toml").write_text('[workbook]\npath = "firma.xlsx"\n', encoding="utf-8")
        (tmp_path / "lista.csv").write_text("Nazwa,NIP\nAlfa,5260250274\n", encoding="utf-8")
        done = kartoteka(tmp_path, "import", "lista.csv")
        assert (done.returncode, "kartoteka init" in done.stderr) == (2, True)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_anywhere_the_same_command_goes_on(firm: Path, how: signal.Signals) -> None:
    rows = "".join(f"Firma {n} Północ;firma{n}@firma.pl\n" for n in range(60))
    (firm / "wiele.csv").write_text(f"Nazwa;E-mail\n{rows}", encoding="utf-8")
    words = command("import", "wiele.csv", "--batch-size", "3", "--yes")
    process = subprocess.Popen(words, cwd=firm, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(names(firm)) < 7 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=60)
    stopped = len(names(firm))
    assert 7 <= stopped <= 61
    ended(kartoteka(firm, "import", "wiele.csv", "--batch-size", "20"), 0)
    assert names(firm)[1:] == [f"Firma {n} Północ" for n in range(60)]


def changed(path: Path, before: str, after: str) -> None:
    """A person types `after` over `before`."""
    book = load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == before and sheet.title == "Klienci":
                    cell.value = after
    book.save(path)
