"""The file behind the journal of letters: opened and checked, its schema brought up to date, its errors put in words.

The only module that knows SQLite, and the schema. What the tables mean, and what may follow what, stands in journal.py.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

from validators.errors import OutOfReach, Trouble

Value = str | bytes | int | None
BUSY = 30  # seconds to wait for another process to finish its write
_REBUILD = "Make it anew from the sheet's history: kartoteka doctor --rebuild-journal"
# What room, rights or patience can mend; any other error means that the file is not what it should be.
_MENDABLE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_BOOT = Path("/proc/sys/kernel/random/boot_id")  # random(4): another one after each start of the machine


def this_boot() -> str:
    """What names the time since this machine was started; "" where the system has no name for it."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


class JournalFile:
    """One SQLite database. What is written inside `writing` is there whole or not at all: after the end of the process
    at once, after a power cut once a later write of any process was `lasting`, or the file was closed."""

    def __init__(self, path: Path, *, checked: bool = True) -> None:
        """Open the file at `path`, or make it, readable by its owner only. Unless it is to be `checked`, for which
        all of it is read, damage is met where it lies.

        Raises:
            OutOfReach: it is damaged or no journal, or a newer version made it, or it cannot be opened.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise self._closed_to_us(f"cannot be opened: {error.strerror}") from error
        self._lasting: bool | None = None
        with self.reading():
            self._database = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        try:
            with self.reading():
                self._check(whole=checked)
                self._bring_up_to_date()
        except OutOfReach:
            self._database.close()
            raise

    def execute(self, statement: str, values: Iterable[Value] = ()) -> sqlite3.Cursor:
        """Carry out one statement, inside `reading` or `writing`."""
        return self._database.execute(statement, tuple(values))

    def value(self, question: str, *values: Value) -> object:
        """The first value of the first row; None if there is no row."""
        found = self.execute(question, values).fetchone()
        return found[0] if found else None

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[None]:
        """One transaction, which no other process can come between, whatever ends it. A `lasting` one is on the disk at
        its end, with all before it: they are in one file, the write-ahead log (https://sqlite.org/wal.html).

        Raises:
            OutOfReach: the file cannot be written.
        """
        with self.reading():
            if lasting is not self._lasting:
                self._database.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
                self._lasting = lasting
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What SQLite reports meanwhile, in words.

        Raises:
            OutOfReach: the file cannot be read, or is damaged.
        """
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _MENDABLE:
                raise self._closed_to_us(f"cannot be read or written: {error}") from error
            raise self._damaged() from error

    def close(self) -> None:
        """Close the file. Nothing is lost without it."""
        self._database.close()

    def _check(self, *, whole: bool) -> None:
        # In one statement: another process may be making the file.
        looked = "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
        version, tables = self.execute(looked).fetchone()
        if (whole or version < len(MIGRATIONS)) and self.value("PRAGMA quick_check(1)") != "ok":
            raise self._damaged()
        if version > len(MIGRATIONS):
            raise OutOfReach(
                f"The journal of letters {self._path} was made by a newer version of Kartoteka; nothing can be sent.",
                f"Use that version. If it cannot be had: {_REBUILD.lower()}.",
                trouble=Trouble.RECORDS,
            )
        if tables and not version:
            raise self._damaged()  # somebody else's database

    def _bring_up_to_date(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA secure_delete = ON")  # words that were forgotten are not left in the file
        if self._version() == len(MIGRATIONS):
            return
        with self.writing():
            version = self._version()
            if 0 < version < len(MIGRATIONS):
                self._keep_copy(version)
            for migrate in MIGRATIONS[version:]:
                migrate(self._database)
            self._database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _keep_copy(self, version: int) -> None:
        """The file as it stands, beside it: for who goes back to the version of Kartoteka that made it."""
        kept = self._path.with_name(f"{self._path.name}.v{version}")
        draft = kept.with_name(f"{kept.name}.new")
        try:
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            # By another connection: this one has begun to write, and of what it writes no copy can be made.
            with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(draft)) as copy:
                source.backup(copy)
            draft.replace(kept)
        except OSError as error:
            raise self._closed_to_us(f"cannot be copied before it is brought up to date: {error.strerror}") from error

    def _version(self) -> int:
        return int(str(self.value("PRAGMA user_version")))

    def _closed_to_us(self, why: str) -> OutOfReach:
        advice = "See that the disk has room, and that the user that runs Kartoteka may write there; then run it again."
        return OutOfReach(
            f"The journal of letters {self._path} {why}. Without it nothing is sent.", advice, trouble=Trouble.DISK
        )

    def _damaged(self) -> OutOfReach:
        return OutOfReach(
            f"The journal of letters {self._path} is damaged. Without it nothing is sent.",
            f"{_REBUILD}.",
            trouble=Trouble.RECORDS,
        )


def _first(database: sqlite3.Connection) -> None:
    """What is true of the file; letters, each once; claims, which tell whose the steps of an invoice are."""
    database.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    database.execute("INSERT INTO meta VALUES ('machine', ?)", (token_hex(4),))
    database.execute(
        "CREATE TABLE letters (number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, workbook TEXT NOT NULL,"
        " progress TEXT NOT NULL, answer TEXT NOT NULL, claimed_at TEXT NOT NULL, changed_at TEXT NOT NULL,"
        " content BLOB)"
    )
    database.execute(
        "CREATE TABLE claims (workbook TEXT NOT NULL, invoice TEXT NOT NULL, step TEXT NOT NULL,"
        " attempt INTEGER NOT NULL, message_id TEXT NOT NULL REFERENCES letters (message_id),"
        " PRIMARY KEY (workbook, invoice, step, attempt)) WITHOUT ROWID"
    )
    database.execute("CREATE INDEX letters_by_progress ON letters (workbook, progress)")


def _second(database: sqlite3.Connection) -> None:
    """Gmail: the draft that a letter leaves by."""
    database.execute("ALTER TABLE letters ADD COLUMN draft TEXT NOT NULL DEFAULT ''")


def _third(database: sqlite3.Connection) -> None:
    """Since which start of the machine a letter may leave. Messages apart, or each mark would write them again."""
    database.execute("ALTER TABLE letters ADD COLUMN released TEXT NOT NULL DEFAULT ''")
    database.execute("CREATE TABLE messages (message_id TEXT PRIMARY KEY, content BLOB NOT NULL)")
    database.execute("INSERT INTO messages SELECT message_id, content FROM letters WHERE content IS NOT NULL")
    database.execute("UPDATE letters SET content = NULL")
    database.execute("DROP INDEX letters_by_progress")


# One for each version of the schema, in order: PRAGMA user_version counts those that a file has seen.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first, _second, _third)
