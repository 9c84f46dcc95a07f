"""What the team reads of errors: in its own language, whatever the error, and with the name that helps to mend it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.service_words import not_well
from config.trouble_words import troubled
from mailers.smtp_errors import not_signed_in
from mailers.smtp_errors import unreachable as no_mail
from sync.storage.google_errors import Network, refused, sign_in_refused, unreachable
from sync.storage.google_register import Refusal
from sync.storage.replacing import refuse_if_open
from sync.storage.xlsx import XlsxWorkbook
from validators.errors import Brake, KartotekaError, OutOfReach, Refused, Trouble, WorkbookMoved, WrongUse

WHO = "kartoteka@biuro-123.iam.gserviceaccount.com"
NO_PERMISSION = "The caller does not have permission"
ENGLISH = (" the ", " is ", " not ", "Run ", "cannot")


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_has_words_with_and_without_a_name(trouble: Trouble, language: str) -> None:
    for about in ("", "Faktury"):
        words = troubled(trouble, about, language)
        assert words[0].isupper()
        assert not set("[]{}") & set(words)
        assert language == "en" or not any(word in words for word in ENGLISH)
    assert troubled(trouble, "", "pl") != troubled(trouble, "", "en")


def test_an_error_that_says_no_more_is_told_apart_by_its_class() -> None:
    kinds = (WrongUse, OutOfReach, Refused, WorkbookMoved, Brake)
    assert [kind("…").trouble for kind in kinds] == ["settings", "out of reach", "refused", "moved", "brake"]


@pytest.mark.parametrize(
    ("error", "trouble", "about"),
    [
        (refused(403, NO_PERMISSION, WHO), Trouble.NOT_SHARED, WHO),
        (refused(403, NO_PERMISSION, WHO, write=True).told_as(Refusal), Trouble.NOT_SHARED, WHO),
        (refused(400, "You are trying to edit a protected cell or object.", WHO), Trouble.PROTECTED, WHO),
        (refused(404, "Requested entity was not found."), Trouble.MISSING, ""),
        (refused(401, "Invalid credentials"), Trouble.ACCESS, ""),
        (refused(503, "Unavailable"), Trouble.OUT_OF_REACH, ""),
        (unreachable(Network.NAME), Trouble.OUT_OF_REACH, ""),
        (sign_in_refused("invalid_grant: Invalid JWT Signature."), Trouble.ACCESS, ""),
        (sign_in_refused("Your default credentials were not found."), Trouble.SETTINGS, ""),
        (no_mail("mail.firma.pl:587", TimeoutError()), Trouble.MAIL, ""),
        (not_signed_in("mail.firma.pl:587", "biuro", "535 no"), Trouble.MAIL_ACCESS, ""),
    ],
)
def test_what_google_and_mail_servers_refuse_is_told_by_kind(error: KartotekaError, trouble: str, about: str) -> None:
    assert (error.trouble, error.about) == (trouble, about)


def test_a_file_that_cannot_be_used_is_told_by_kind_and_name(tmp_path: Path) -> None:
    path = tmp_path / "faktury.xlsx"
    told = []
    for content in (None, b"", b"no workbook"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(KartotekaError) as gone:
            XlsxWorkbook(path, tmp_path / "state").read()
        told.append((gone.value.trouble, gone.value.about))
    assert told == [(Trouble.MISSING, path.name), *[(Trouble.UNREADABLE, path.name)] * 2]


def test_who_has_the_file_open_is_named(tmp_path: Path) -> None:
    (tmp_path / ".~lock.faktury.xlsx#").write_text("Ola Nowak,ola,pc,;", "utf-8")
    with pytest.raises(Refused, match="open in LibreOffice by Ola Nowak") as held:
        refuse_if_open(tmp_path / "faktury.xlsx")
    words = troubled(held.value.trouble, held.value.about, "pl")
    assert "otwarty w innym programie: faktury.xlsx, LibreOffice, Ola Nowak. Zapisz go i zamknij" in words


def test_the_notice_is_of_one_language() -> None:
    error = refused(403, NO_PERMISSION, WHO)
    title, text = not_well(
        "serwis", datetime(2026, 11, 23, 8, tzinfo=UTC), troubled(error.trouble, error.about, "pl"), "pl"
    )
    assert title == "Kartoteka nie może pracować: serwis"
    assert f"Kliknij w nim Udostępnij, wpisz {WHO} i wybierz" in text
    assert not any(word in text for word in ENGLISH)
    assert error.what not in json.dumps(text, ensure_ascii=False)
