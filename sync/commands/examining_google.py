"""What the doctor looks at on the way to a Google spreadsheet: key, account, sign-in, rights, clock, limits.

The one write is a replacement of a random text that stands nowhere: it proves the right to write and changes nothing.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sync.commands.findings import Check, Seen
from sync.opening import Machine, Session, connection, google_workbook
from sync.screen import count_of
from sync.storage.google_connection import NotApplied, Unsure
from sync.storage.google_journal import GoogleJournal
from sync.storage.google_sign_in import account_of, key_mode_advice
from validators.errors import OutOfReach, WrongUse

# Seconds. Google refuses sign-ins of clocks that are minutes wrong; days and hours of reminders suffer before.
MOST_SKEW = 60
_DESCRIPTION = (
    "properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,sheetType),protectedRanges(description,warningOnly,requestingUserCanEdit))"
)
# Source: https://developers.google.com/workspace/sheets/api/limits
_LIMITS = "Google allows one account 60 reads and 60 writes a minute, a project 300"


class GoogleExamination:
    """The checks of one spreadsheet; later ones use what earlier ones have found. `workbook` reads it."""

    def __init__(self, session: Session, machine: Machine) -> None:
        self._settings = session.settings
        self._began, self._seconds, self._clock = machine.seconds(), machine.seconds, session.now
        self._connection = connection(session.settings, machine)
        self.workbook = google_workbook(session.settings, machine, self._connection)
        self._description: Mapping[str, Any] = {}

    def way(self) -> list[Check]:
        """All that must be well before the spreadsheet can be read, and what it says of itself."""
        return [
            Check("key file", self._key_file, gate=True),
            Check("account", self._account),
            Check("sign-in", self._sign_in, gate=True),
            Check("read", self._read, gate=True),
            Check("skew", self._skew),
            Check("write", self._write),
            Check("protection", self._protection),
            Check("locale", self._locale),
            Check("journal", self._journal),
        ]

    def limits(self) -> list[Check]:
        """What remains to be said when everything else was asked."""
        return [Check("quota", self._quota)]

    def _key_file(self) -> Seen:
        path = self._settings.credentials_path
        if path is None:
            return Seen("none: the sign-in of this machine counts (application default credentials)")
        account_of(path)
        return Seen(str(path), key_mode_advice(path))

    def _account(self) -> Seen:
        account = self._connection.account
        return Seen(f"{account}: the address to share the spreadsheet with" if account else "that of this machine")

    def _sign_in(self) -> Seen:
        self._connection.sign_in()
        return Seen("Google accepts it")

    def _read(self) -> Seen:
        try:
            self._description = self._connection.describe(_DESCRIPTION)
        except NotApplied as error:
            raise self._connection.explained(error) from error
        title = self._description["properties"].get("title", "")
        return Seen(f"{title}, {len(self._description['sheets'])} tabs, {self._settings.workbook_place}")

    def _skew(self) -> Seen:
        """How far the machine's clock is off Google's, which names the moment of each answer."""
        ours = self._clock + timedelta(seconds=self._seconds() - self._began)
        try:
            seconds = round((ours - parsedate_to_datetime(self._connection.last_date)).total_seconds())
        except (TypeError, ValueError):
            return Seen("Google did not tell the time")
        if abs(seconds) <= MOST_SKEW:
            return Seen("the clock of this machine agrees with Google's")
        raise WrongUse(
            f"The clock of this machine is {_duration(abs(seconds))} {'ahead' if seconds > 0 else 'behind'}.",
            "Let the network set date and time (timedatectl set-ntp true): reminders depend on them, and Google "
            "refuses the sign-in of clocks that are wrong by minutes.",
        )

    def _write(self) -> Seen:
        sheets = [sheet["properties"] for sheet in self._description["sheets"]]
        ids = [sheet.get("sheetId", 0) for sheet in sheets if sheet.get("sheetType", "GRID") == "GRID"]
        token = f"kartoteka-doctor-{secrets.token_hex(16)}"
        change = {"find": token, "replacement": token, "matchCase": True, "matchEntireCell": True}
        request = {"findReplace": {**change, "sheetId": next(iter(ids), 0)}}
        try:
            self._connection.write({"requests": [request]})
        except NotApplied as error:
            raise self._connection.explained(error) from error
        except Unsure as error:
            raise OutOfReach(f"Google did not answer whether it may: {error.message}", "Run again.") from error
        return Seen("the account may write")

    def _protection(self) -> Seen:
        """Ranges that somebody protected from us; those that only warn hinder nobody."""
        closed = [
            f"'{sheet['properties']['title']}'" + (f" ({text})" if (text := item.get("description")) else "")
            for sheet in self._description["sheets"]
            for item in sheet.get("protectedRanges", ())
            if not item.get("warningOnly") and not item.get("requestingUserCanEdit")
        ]
        if not closed:
            return Seen("no range keeps Kartoteka out")
        whom = self._connection.account or "the account of Kartoteka"
        advice = (
            f"If Kartoteka's columns lie in them: Data (Dane) → Protected sheets and ranges → allow {whom} to edit."
        )
        return Seen(f"ranges that keep Kartoteka out in {', '.join(closed)}", advice)

    def _locale(self) -> Seen:
        properties, wanted = self._description["properties"], self._settings.workbook.timezone
        zone = properties.get("timeZone", "")
        seen = f"{properties.get('locale', '')}, {zone}"
        if zone == wanted:
            return Seen(seen)
        advice = (
            f"The settings say {wanted}: moments in the history are meant there. In the spreadsheet: "
            "File (Plik) → Settings (Ustawienia) → Time zone; or set [workbook] timezone."
        )
        return Seen(seen, advice)

    def _journal(self) -> Seen:
        journal = GoogleJournal(self._settings.state_folder, self._settings.workbook.spreadsheet_id)
        if journal.pending() is None:
            return Seen("no write of an earlier run is unfinished")
        return Seen("a write of an earlier run was interrupted", "Run 'kartoteka sync': it finishes that first.")

    def _quota(self) -> Seen:
        """Google tells nobody what is left of a limit: ours is what this run took of it."""
        used = self._connection.requests
        taken = f"{count_of(used['read'], 'read', 'reads')} and {count_of(used['write'], 'write', 'writes')}"
        return Seen(f"{taken} by this run; {_LIMITS}")


def _duration(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 600 else f"{seconds // 60} minutes"
