"""Settings: what the page says is what stands; whatever is wrong is said at once, with the way out, without secrets."""

import json
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings, reference
from config.settings_file import find, load
from config.settings_template import template
from validators.errors import WrongUse

SECRET = "hunter2-Zażółć"


@pytest.fixture
def file(tmp_path):
    """Writes kartoteka.toml and returns its path."""

    def write(text="", name="kartoteka.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def complaint(path, environ=None):
    with pytest.raises(WrongUse) as caught:
        load(path, environ or {})
    return str(caught.value)


def test_an_empty_file_means_the_defaults_of_the_design(file):
    settings = load(file(), {})
    assert settings.workbook.model_dump() == {
        "name": "",
        "kind": "xlsx",
        "path": "kartoteka.xlsx",
        "spreadsheet": "",
        "credentials": "service-account.json",
        "language": "pl",
        "timezone": "Europe/Warsaw",
        "country": "PL",
        "currency": "PLN",
        "read_batch_rows": 200_000,
        "backups": 10,
        "history_rows": 20_000,
        "tabs": {},
    }
    assert settings.reminders.model_dump() == {
        "mode": "draft",
        "test_address": "",
        "minimum_amount": Decimal("5.00"),
        "min_days_between": 3,
        "due_soon_days": 3,
        "start_at_most_days_overdue": 60,
        "sending_days": ("mon", "tue", "wed", "thu", "fri"),
        "sending_hours": "08:00-18:00",
        "max_per_run": 100,
        "max_per_day": 300,
    }
    assert settings.mail.model_dump(exclude={"password", "imap_password"}) == {
        "transport": "folder",
        "folder": "outbox",
        "sender": "Biuro <biuro@example.pl>",
        "reply_to": "",
        "host": "",
        "port": 587,
        "security": "starttls",
        "username": "",
        "credentials": "",
        "max_per_minute": 0,
        "attachments": "",
        "imap_host": "",
        "imap_port": 993,
        "imap_security": "tls",
        "imap_username": "",
        "inbox": "INBOX",
        "sent_mailbox": "",
    }
    assert (settings.notify.urls, settings.schedule.sync) == ((), ("08:00", "13:00"))
    assert settings.state.folder == ".kartoteka"
    assert (settings.schedule.weekdays, settings.notify.ping.get_secret_value()) == (frozenset(range(7)), "")
    assert (settings.logs.level, settings.logs.format) == ("info", "text")


def test_the_template_loads_to_the_defaults(file):
    path = file(template())
    assert load(path, {}) == Settings(folder=path.parent)


def test_the_template_takes_given_values_and_no_unknown_ones(file):
    given_ = {
        "workbook.path": 'C:\\Biuro\\"klienci".xlsx',
        "workbook.language": "en",
        "workbook.tabs": {"clients": "Kontrahenci"},
        "mail.sender": "Żuraw, biuro <biuro@zuraw.pl>",
        "reminders.sending_days": ("mon", "sun"),
        "schedule.sync": "every 30 minutes",
    }
    settings = load(file(template(given_)), {})
    assert settings.workbook.path == 'C:\\Biuro\\"klienci".xlsx'
    assert settings.workbook.tabs == {"clients": "Kontrahenci"}
    assert (settings.mail.sender_name, settings.mail.sender_address) == ("Żuraw, biuro", "biuro@zuraw.pl")
    assert settings.reminders.weekdays == {0, 6}
    assert settings.schedule.every_minutes == 30
    for wrong in ("mail.hots", "mail.password"):
        with pytest.raises(KeyError, match=wrong):
            template({wrong: "x"})


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_survives_the_template(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "kartoteka.toml"
    path.write_text(template({"mail.username": text}), encoding="utf-8", newline="")
    assert load(path, {}).mail.username.strip() == text.strip()


def test_every_setting_can_come_from_the_environment(file):
    """The file's own values, written as variables and beside a file that says otherwise, are what stands."""
    given_ = {
        "workbook": {"tabs": {"clients": "Firmy"}, "backups": 2, "country": "de", "currency": "eur"},
        "reminders": {"mode": "test", "test_address": "ja@firma.pl", "sending_days": ["sat"], "minimum_amount": "0"},
        "mail": {"transport": "smtp", "host": "mail.firma.pl", "port": 25, "security": "none", "username": "u"},
        "notify": {"urls": ["slack://a/b/c"]},
        "schedule": {"sync": ["7:05", "07:05", "06:00"]},
    }
    environ = {
        f"KARTOTEKA_{section}__{key}".upper(): value if isinstance(value, str) else json.dumps(value)
        for section, values in given_.items()
        for key, value in values.items()
    }
    settings = load(file('[workbook]\nbackups = 7\n[mail]\nhost = "other"\n'), environ)
    assert (settings.workbook.tabs, settings.workbook.backups) == ({"clients": "Firmy"}, 2)
    assert (settings.workbook.country, settings.workbook.currency) == ("DE", "EUR")
    assert settings.reminders.test_address == "ja@firma.pl"
    assert settings.reminders.sending_days == ("sat",)
    assert (settings.mail.host, settings.mail.port) == ("mail.firma.pl", 25)
    assert settings.notify.urls[0].get_secret_value() == "slack://a/b/c"
    assert settings.schedule.times == (time(6), time(7, 5))
    assert set(environ) <= {setting.variable for setting in reference()}


def test_lists_in_the_environment_may_have_commas_and_tabs_a_variable_each(file):
    environ = {
        "KARTOTEKA_REMINDERS__SENDING_DAYS": "Wed, mon",
        "KARTOTEKA_WORKBOOK__TABS__INVOICES": "Sprzedaż",
        "KARTOTEKA_SCHEDULE__SYNC": "every 15 minutes",
    }
    environ["KARTOTEKA_FIRM__TAX_IDS"] = "PL 526-025-02-74, DE136695976"
    settings = load(file('[workbook.tabs]\nclients = "Firmy"\n'), environ)
    assert settings.firm.tax_ids == ("5260250274", "DE136695976")
    assert settings.reminders.sending_days == ("mon", "wed")
    assert settings.workbook.tabs == {"clients": "Firmy", "invoices": "Sprzedaż"}
    assert (settings.schedule.every_minutes, settings.schedule.times) == (15, ())


def test_one_setting_from_two_variables_is_refused(file, tmp_path):
    (tmp_path / "password").write_text(SECRET, encoding="utf-8")
    both = {"KARTOTEKA_SMTP_PASSWORD": SECRET, "KARTOTEKA_SMTP_PASSWORD_FILE": "password"}
    assert "KARTOTEKA_SMTP_PASSWORD and KARTOTEKA_SMTP_PASSWORD_FILE are both set" in complaint(file(), both)
    both = {"KARTOTEKA_WORKBOOK__TABS": '{"clients": "A"}', "KARTOTEKA_WORKBOOK__TABS__CLIENTS": "B"}
    assert "are both set" in complaint(file(), both)


def test_secrets_come_from_the_environment_or_a_file_and_are_never_shown(file, tmp_path):
    (tmp_path / "password").write_text(f"{SECRET}\n", encoding="utf-8")
    (tmp_path / "urls").write_text(f"slack://{SECRET}\nntfy://x\n", encoding="utf-8")
    environ = {"KARTOTEKA_SMTP_PASSWORD_FILE": "password", "KARTOTEKA_NOTIFY__URLS_FILE": str(tmp_path / "urls")}
    settings = load(file(), environ)
    assert settings.mail.password.get_secret_value() == SECRET
    assert [url.get_secret_value() for url in settings.notify.urls] == [f"slack://{SECRET}", "ntfy://x"]
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()}"
    assert load(file(), {"KARTOTEKA_SMTP_PASSWORD": SECRET}).mail.password.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (f'[notify]\nurls = ["{SECRET}"]', {}),
        (f'[notify]\nurls = "{SECRET}"', {}),
        (f'[notify]\nping = "{SECRET}"', {}),
        (f'[mail]\npassword = "{SECRET}"', {}),
        (f'[mail]\npasword = "{SECRET}"', {}),
        ("", {"KARTOTEKA_NOTIFY__URLS": f'["{SECRET}"]'}),
        ("", {"KARTOTEKA_NOTIFY__URLS": f'["{SECRET}"'}),
        ("", {"KARTOTEKA_SMTP_PASSWRD": SECRET}),
        ("", {"KARTOTEKA_SMTP_PASSWORD": SECRET, "KARTOTEKA_SMTP_PASSWORD_FILE": "nowhere"}),
        (f"[mail]\npassword = {SECRET}", {}),
        (f'notify = "slack://{SECRET}"', {}),
    ],
)
def test_no_error_shows_a_secret(file, text, environ):
    with pytest.raises(WrongUse) as caught:
        load(file(text), environ)
    error = caught.value
    assert SECRET not in f"{error} {error.advice}"
    assert error.__context__ is None or error.__suppress_context__
    assert SECRET not in str(error.__context__)


def test_everything_wrong_is_said_at_once_with_place_value_and_what_is_allowed(file):
    text = """
workbok = 3
[workbook]
kind = "google"
timezone = "Europe"
langage = "pl"
[workbook.tabs]
klients = "Kontrahenci"
[reminders]
mode = "test"
sending_hours = "18-8"
sending_days = ["mon", "mondy"]
minimum_amount = -5.0
max_per_run = true
[mail]
sender = "Ola"
language = "en"
[schedule]
sync = ["every 5 minutes", "08:00"]
"""
    said = complaint(file(text), {"KARTOTEKA_MAIL__HOTS": "x", "KARTOTEKA_MAIL__PORT": "many"})
    for line in (
        "[workbok]: no such section. Did you mean workbook?",
        'spreadsheet: blank, but kind = "google" needs it',
        '[workbook] timezone: "Europe" stands there; allowed: a name of the zone database',
        "[workbook] langage: no such key. Did you mean language?",
        "[workbook] tabs: no tab 'klients'. Did you mean clients?",
        '[reminders] test_address: blank, but mode = "test" needs it',
        '[reminders] sending_hours: "18-8" stands there; allowed: hours such as',
        '[reminders] sending_days: "mondy" stands there; allowed: one or more of mon, tue',
        "[reminders] minimum_amount: -5.0 stands there; allowed: an amount from 0 up",
        "[reminders] max_per_run: true stands there; allowed: a whole number from 0",
        '[mail] sender: "Ola" stands there; allowed: an e-mail address such as',
        "[mail] language: no such key. It belongs in [workbook].",
        '[schedule] sync: "every 5 minutes", "08:00" stands there',
        "KARTOTEKA_MAIL__HOTS: no such setting. Did you mean KARTOTEKA_MAIL__HOST?",
        'KARTOTEKA_MAIL__PORT: "many" stands there; allowed: a whole number from 1 to 65535.',
    ):
        assert line in said


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("workbook", 'kind = "ods"'),
        ("workbook", 'path = ""'),
        ("workbook", 'timezone = "Mars/Base"'),
        ("workbook", 'timezone = "../etc/passwd"'),
        ("workbook", 'country = "POL"'),
        ("workbook", 'country = "XX"'),
        ("workbook", 'currency = "zł"'),
        ("workbook", 'language = "de"'),
        ("workbook", "backups = -1"),
        ("workbook", 'spreadsheet = "https://docs.google.com/spreadsheets/d/e/2PACX/pubhtml"'),
        ("workbook", 'tabs = { clients = "A", invoices = "A" }'),
        ("firm", 'tax_ids = ["5260250275"]'),
        ("firm", 'tax_ids = ["Alfa sp. z o.o."]'),
        ("reminders", "sending_days = []"),
        ("reminders", 'sending_hours = "10:00-10:00"'),
        ("reminders", 'sending_hours = "08:00-25:00"'),
        ("reminders", 'sending_hours = "8-16"'),
        ("reminders", "min_days_between = 1.5"),
        ("reminders", 'minimum_amount = "NaN"'),
        ("reminders", 'test_address = "a@b.pl, c@d.pl"'),
        ("mail", 'sender = "a@b.pl\\r\\nBcc: c@d.pl"'),
        ("mail", 'transport = "smtp"'),
        ("mail", "port = 0"),
        ("notify", 'urls = ["slack"]'),
        ("schedule", "sync = []"),
        ("schedule", 'sync = "every 0 minutes"'),
        ("schedule", 'sync = "24:01"'),
        ("state", 'folder = ""'),
        ("schedule", "days = []"),
        ("notify", 'ping = "ftp://host/x"'),
        ("notify", 'ping = "https://host/x?y=z"'),
        ("logs", 'level = "loud"'),
        ("logs", 'format = "xml"'),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(file, section, line):
    assert f"[{section}] {line.split()[0] if 'smtp' not in line else 'host'}" in complaint(file(f"[{section}]\n{line}"))


def test_hours_of_the_whole_day(file):
    reminders = load(file('[reminders]\nsending_hours = "00:00-24:00"'), {}).reminders
    assert (reminders.sending_from, reminders.sending_until) == (time(0), time.max)
    reminders = load(file('[reminders]\nsending_hours = "8:30 – 16:00"'), {}).reminders
    assert (reminders.sending_from, reminders.sending_until) == (time(8, 30), time(16))


@pytest.mark.parametrize(
    "written", ["1AbC-x_9", "https://docs.google.com/spreadsheets/d/1AbC-x_9/edit?usp=sharing#gid=0"]
)
def test_a_spreadsheet_is_named_by_address_or_id(file, written):
    text = f'[workbook]\nkind = "google"\nspreadsheet = "{written}"'
    assert load(file(text), {}).workbook.spreadsheet_id == "1AbC-x_9"


def test_paths_count_from_the_file_not_from_where_the_command_runs(file, tmp_path, monkeypatch):
    path = file('[workbook]\ncredentials = ""\n[state]\nfolder = "/var/kartoteka"')
    monkeypatch.chdir("/")
    settings = load(path, {})
    assert settings.workbook_path == tmp_path / "kartoteka.xlsx"
    assert settings.outbox_folder == tmp_path / "outbox"
    assert settings.state_folder == Path("/var/kartoteka")
    assert settings.credentials_path is None


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().mail.host = "x"


def test_files_that_cannot_be_read_are_explained(file, tmp_path):
    with pytest.raises(WrongUse, match="no settings file") as caught:
        load(tmp_path / "none.toml", {})
    assert "kartoteka init" in caught.value.advice
    assert "is a folder" in complaint(tmp_path)
    assert "not UTF-8 (line 2)" in complaint(file(b'[mail]\nsender = "\xb9"'))
    assert "line 2" in complaint(file("[mail]\nhost = x"))
    assert "[mail]: " in complaint(file("mail = 3"))
    assert "[mail]: " in complaint(file("[[mail]]\nport = 3"), {"KARTOTEKA_MAIL__HOST": "x"})


def test_a_byte_order_mark_does_no_harm(file):
    assert load(file(b"\xef\xbb\xbf[workbook]\nbackups = 3"), {}).workbook.backups == 3


def test_variables_of_other_programs_are_let_be_but_near_misses_are_named(file):
    load(file(), {"KARTOTEKA_IMAGE": "x", "KARTOTEKA_CONFIG": "x", "PATH": "/bin", "KARTOTEKA_SMTP_PASSWORD_FILE": ""})
    assert "Did you mean KARTOTEKA_SMTP_PASSWORD" in complaint(file(), {"KARTOTEKA_SMTP_PASWORD": "x"})


def test_the_file_is_looked_for_at_config_then_here_then_where_the_environment_says(tmp_path):
    here, environ = tmp_path / "kartoteka.toml", {"KARTOTEKA_CONFIG": "/etc/kartoteka.toml"}
    assert find(None, {}, tmp_path) == here
    assert find(None, environ, tmp_path) == Path("/etc/kartoteka.toml")
    here.touch()
    assert find(None, environ, tmp_path) == here
    assert find(Path("other.toml"), environ, tmp_path) == tmp_path / "other.toml"


def test_every_setting_is_described_in_one_sentence():
    for setting in reference():
        assert setting.description.endswith(".")
        assert setting.description.count(". ") == 0
        assert setting.allowed
