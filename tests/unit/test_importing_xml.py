"""Reading XML from strangers: what is recognised, what is refused and how it is said, and what no file can do to us."""

import os
from pathlib import Path

import pytest

from importers import xml_files, xml_invoices
from importers.ksef import KsefInvoices
from importers.xml_files import Source, opening, records
from importers.xml_formats import FORMATS, OtherXml, format_of
from tests.xml_for_tests import FA3, cells, drafts, fa, listing, written
from validators.errors import WrongUse

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SECRET = "top secret"


def refused(folder: Path, content: str | bytes) -> str:
    """What is said of a file that the importer recognising it refuses."""
    path = written(folder, content)
    head = path.read_bytes()[: 1 << 16]
    (importer,) = [known for known in (*FORMATS, OtherXml()) if known.recognises(path, head)]
    with pytest.raises(WrongUse) as caught:
        list(importer.listings(path))
    assert caught.value.advice
    return caught.value.what


class TestRecognising:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            (fa(), "KSeF FA"),
            (f"<Faktury>{fa()}</Faktury>", "KSeF FA"),
            ("<Faktura><Naglowek/><Fa/></Faktura>", "KSeF FA"),
            ('<JPK><Naglowek><KodFormularza kodSystemowy="JPK_FA (4)"/></Naglowek><Faktura/></JPK>', "JPK"),
            ('<JPK><Naglowek><KodFormularza kodSystemowy="JPK_V7K (2)"/></Naglowek></JPK>', "JPK"),
            (f'<Invoice xmlns="{UBL}Invoice-2"/>', "UBL"),
            (f'<c:CreditNote xmlns:c="{UBL}CreditNote-2"/>', "UBL"),
            ("<Invoice><AccountingSupplierParty/></Invoice>", "UBL"),
            (f'<StandardBusinessDocument><Invoice xmlns="{UBL}Invoice-2"/></StandardBusinessDocument>', "UBL"),
            ("<r:CrossIndustryInvoice xmlns:r='urn:x'/>", "CII"),
            ("<CrossIndustryDocument/>", "CII"),
            ("<Invoice/>", None),
            ("<Faktura/>", None),
            ('<JPK><Naglowek><KodFormularza kodSystemowy="JPK_WB (1)"/></Naglowek></JPK>', None),
            ('<Faktura><Naglowek><KodFormularza kodSystemowy="FA_RR (1)"/></Naglowek><Fa/></Faktura>', None),
            ("<JPK><Faktura/></JPK>", None),
            ("<!DOCTYPE Faktura><Faktura><Naglowek/><Fa/></Faktura>", None),
            ("number;amount\n<b>;1", None),
        ],
    )
    def test_each_file_is_of_one_format_or_none(self, text: str, name: str | None) -> None:
        content = text.encode()
        found = opening(content)
        knowing = [known.name for known in FORMATS if found and not found.doctype and known.knows(found)]
        assert knowing == ([name] if name else [])
        assert OtherXml().recognises(Path("x"), content) == (name is None and text.startswith("<"))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso-8859-2"])
    def test_every_encoding_that_polish_programs_write(self, encoding: str) -> None:
        declared = {"utf-8-sig": "utf-8", "cp1250": "windows-1250"}.get(encoding, encoding)
        content = f'<?xml version="1.0" encoding="{declared}"?>\n{fa()}'.encode(encoding)
        found = format_of(content)
        assert found is not None
        (draft,) = found.invoices(Source("x.xml", content))
        assert draft.cells["client_name"] == "Żak"

    def test_a_blank_line_before_the_declaration_does_no_harm(self) -> None:
        assert cells(f'\n\n<?xml version="1.0"?>{fa()}')["number"] == "FV/1"

    def test_a_long_comment_before_the_root_does_no_harm(self) -> None:
        assert cells(f"<!-- {'licence ' * 5000} -->{fa()}")["number"] == "FV/1"

    def test_namespaces_and_prefixes_do_not_matter(self) -> None:
        text = fa().replace("<", "<q:").replace("<q:/", "</q:").replace("xmlns=", "xmlns:q=")
        assert cells(text) == cells(fa().replace(f' xmlns="{FA3}"', "")) == cells(fa())

    def test_the_order_of_elements_does_not_matter(self) -> None:
        swapped = fa().replace("<P_1>2026-02-15</P_1><P_2>FV/1</P_2>", "<P_2>FV/1</P_2><P_1>2026-02-15</P_1>")
        assert cells(swapped) == cells(fa())

    def test_half_a_character_at_the_end_of_the_head_does_no_harm(self) -> None:
        content = fa().encode()
        assert format_of(content[: content.index("Ż".encode()) + 1]) is not None


class TestRefusing:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("<Invoice/>", "XML with the root <Invoice>: no invoice format that is known here"),
            ("<html><body/></html>", "<html>: a web page"),
            ("<!DOCTYPE html><html/>", "<html>: a web page"),
            ('<JPK><Naglowek><KodFormularza kodSystemowy="JPK_WB (1)"/></Naglowek></JPK>', "a bank statement"),
            ('<Faktura><KodFormularza kodSystemowy="FA_RR (1)"/></Faktura>', "a purchase from a farmer"),
            ("<!-- only this -->", "no root element"),
            ("<", "no root element"),
            (fa()[:-10], "is damaged XML, in line 1:"),
            (fa() + "x", "is damaged XML"),
            (fa().replace("FV/1", "FV&1"), "is damaged XML"),
            ('<JPK><KodFormularza kodSystemowy="JPK_FA (4)"/></JPK>', "holds no invoices"),
        ],
    )
    def test_a_sentence_says_what_it_is(self, text: str, said: str, tmp_path: Path) -> None:
        assert said in refused(tmp_path, text)

    def test_half_a_character_at_the_end(self, tmp_path: Path) -> None:
        content = fa().encode()
        assert "is damaged XML" in refused(tmp_path, content[: content.index("Ż".encode()) + 1])

    def test_zeros_in_the_middle(self, tmp_path: Path) -> None:
        assert "is damaged XML" in refused(tmp_path, fa().replace("FV/1", "FV\0\0\0").encode())

    def test_a_file_damaged_at_its_end_gives_no_rows_at_all(self, tmp_path: Path) -> None:
        """Not a first half, which would be taken for the whole."""
        assert "is damaged XML" in refused(tmp_path, f"<Faktury>{fa()}{fa()}<Faktura>")

    @pytest.mark.parametrize("kind", ["folder", "pipe", "empty", "missing"])
    def test_what_is_no_file_with_something_in_it(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "x"
        makers = {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "empty": path.touch, "missing": lambda: None}
        makers[kind]()
        with pytest.raises(WrongUse):
            list(KsefInvoices().listings(path))


class TestHostileFiles:
    @pytest.mark.parametrize(
        "declared",
        [
            '<!ENTITY x SYSTEM "{secret}">',
            '<!ENTITY % p SYSTEM "{secret}"> %p;',
            '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">',
        ],
    )
    def test_no_entity_is_ever_looked_at(self, declared: str, tmp_path: Path) -> None:
        secret = written(tmp_path, SECRET, "secret.txt")
        doctype = f"<!DOCTYPE Faktura [{declared.format(secret=secret.as_uri())}]>"
        said = refused(tmp_path, doctype + fa().replace("FV/1", "&x;"))
        assert "declares a DOCTYPE (Faktura)" in said
        assert SECRET not in said

    def test_a_doctype_behind_the_head_is_refused_too(self, tmp_path: Path) -> None:
        path = written(tmp_path, f"<!-- {'x' * 70_000} --><!DOCTYPE Faktura>{fa()}")
        with pytest.raises(WrongUse, match="DOCTYPE"):
            list(KsefInvoices().listings(path))

    def test_elements_nested_without_end(self, tmp_path: Path) -> None:
        assert "61 deep" in refused(tmp_path, fa("<a>" * 100_000))

    def test_one_invoice_without_end(self, tmp_path: Path) -> None:
        assert "larger than 8 MB" in refused(tmp_path, fa("<a/>" * 140_000))
        assert "larger than 8 MB" in refused(tmp_path, fa("".join(f"<b c='{'x' * 99_999}'/>" for _ in range(90))))

    def test_one_text_without_end(self, tmp_path: Path) -> None:
        assert "larger than 8 MB" in refused(tmp_path, fa(gross="1" * (9 << 20)))

    def test_attributes_without_end(self, tmp_path: Path) -> None:
        """Refused before they are read: as a dictionary they would fill the memory."""
        attributes = " ".join(f'x{n}="1"' for n in range(800_000))
        assert "larger than 8 MB" in refused(tmp_path, fa(f"<a {attributes}/>"))

    def test_kinds_of_elements_without_end(self, tmp_path: Path) -> None:
        assert "more than 10,000 kinds" in refused(tmp_path, fa("".join(f"<a{n}/>" for n in range(10_001))))

    def test_invoices_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(xml_invoices, "MOST_INVOICES", 3)
        assert "more than 3 invoices" in refused(tmp_path, f"<Faktury>{fa() * 4}</Faktury>")

    def test_what_is_not_an_invoice_is_not_kept_in_memory(self) -> None:
        target = xml_files._Records("x", ("Faktura",), ())
        for _ in range(1000):
            target.start("a", {})
            target.data("text")
            target.end("a")
        assert (target._open, target._weight, len(target.complete)) == ([], 0, 0)

    def test_lines_of_goods_weigh_nothing(self) -> None:
        line = f"<FaWiersz><P_7>{'x' * 100_000}</P_7></FaWiersz>"
        assert cells(fa(line * 100))["number"] == "FV/1"

    def test_records_are_handed_over_before_the_file_ends(self) -> None:
        found = records(Source("x", f"<r><a>1</a>{' ' * 70_000}<a>".encode()), ("a",))
        assert next(found).text == "1"


class TestLists:
    def test_the_same_number_eleven_times_gives_eleven_rows(self) -> None:
        found = list(listing(f"<Faktury>{fa() * 11}</Faktury>").rows)
        assert [row.line for row in found] == list(range(1, 12))
        assert {row.cells["number"] for row in found} == {"FV/1"}

    def test_columns_are_targets_in_their_order_and_mean_themselves(self) -> None:
        found = listing(fa())
        assert found.columns[:4] == ("number", "issued_on", "amount", "currency")
        assert dict(found.meaning) == {name: name for name in found.columns}
        assert found.kind == "invoices"
        assert {row.id for row in found.rows} == {""}

    def test_a_note_names_the_first_invoices_and_counts_the_rest(self) -> None:
        text = "".join(fa(kind="ZAL").replace("FV/1", f"FZ/{n}") for n in range(8))
        (note,) = listing(f"<Faktury>{text}</Faktury>").notes
        assert note.endswith(": FZ/0, FZ/1, FZ/2, FZ/3, FZ/4 and 3 more.")

    def test_every_invoice_is_a_draft(self) -> None:
        assert len(drafts(f"<Faktury>{fa() * 3}</Faktury>")) == 3
