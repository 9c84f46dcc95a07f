"""The command line: options in, one command called, an exit status out. One of two places where the clock is asked.

Exit status: 0 done; 1 done, but something needs a person; 2 wrong use or settings; 3 workbook or mail server out of
reach; 4 refused for safety; 130 interrupted.
"""

import os
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from config.logs import set_up
from sync.choosing import Before, name_of, names
from sync.help_pages import page
from validators.errors import WrongUse

# A command imports its module when it is called: help must not wait for spreadsheets, templates and calendars.
if TYPE_CHECKING:
    from config.settings import Settings
    from sync.commands.work import Terminal
    from sync.opening import Machine, Session

app = typer.Typer(
    name="kartoteka",
    help="The spreadsheet your team already shares becomes a reliable client register and receivables desk.",
    epilog=page(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[Path | None, typer.Option("--config", help="The settings file.", show_default="kartoteka.toml")]
AsOf = Annotated[str | None, typer.Option("--now", help="Work as of this local time, such as 2026-11-23T08:00.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Which = Annotated[
    str,
    typer.Option("--workbook", metavar="NAME", help="Which workbook, where there are several.", autocompletion=names),
]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"kartoteka {version('kartoteka')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and every log line.")] = False,
) -> None:
    """Remember what stands before the command's name."""
    context.obj = Before(config, workbook)
    set_up("DEBUG" if debug else "WARNING", sys.stderr)
    if not debug:
        sys.excepthook = _unexpected


@app.command(epilog=page("demo"))
def demo(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="The folder to make; an earlier demo there is used again.")] = Path(
        "kartoteka-demo"
    ),
    now: AsOf = None,
    as_json: Json = False,
) -> None:
    """Make a sample workbook of a small firm, run the main job on it, and say what to open."""
    from sync.commands import keeping

    clock = _clock()
    made = keeping.sample(directory, clock, now)
    session = _session(made, _machine(context), now, clock)
    _end(keeping.demo(session, _terminal(as_json)))


@app.command(epilog=page("init"))
def init(
    context: typer.Context,
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take flags and defaults.")] = False,
    workbook: Annotated[
        str,
        typer.Option(help="The workbook: an .xlsx file, a Google spreadsheet's address, or one's name that is set."),
    ] = "",
    create_spreadsheet: Annotated[
        str, typer.Option(metavar="TITLE", help="Make a new Google spreadsheet and use that.")
    ] = "",
    credentials: Annotated[
        str | None, typer.Option(metavar="KEYFILE", help='The Google key file; "" for your own sign-in.')
    ] = None,
    language: Annotated[str, typer.Option(help="pl or en.")] = "",
    sender: Annotated[str, typer.Option(help='Who writes: "Biuro <biuro@firma.pl>".')] = "",
    tax_id: Annotated[str, typer.Option(help="Your firm's own, by which lists of purchases are known.")] = "",
    as_json: Json = False,
) -> None:
    """Set up the settings file and the workbook; what stands there is kept. Run twice, it changes nothing."""
    from sync.commands import keeping, setting_up

    terminal, path = _terminal(as_json), _config(context, config)
    ask = typer.prompt if not yes and not as_json and sys.stdin.isatty() else None
    name = name_of(workbook, path, _machine(context).environ, Path.cwd())
    wishes = setting_up.Wishes("" if name else workbook, language, sender, credentials, create_spreadsheet, tax_id)
    machine = _machine(context, name)
    made = setting_up.settings_file(path, Path.cwd(), machine, wishes, ask, terminal.tell)
    session = _session(made, machine, None, _clock(), create=True)
    _end(keeping.init(session, terminal, made))


@app.command(epilog=page("doctor"))
def doctor(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    live: Annotated[
        bool, typer.Option("--live", help="Ask Google what its manual leaves open, on a spreadsheet made for that.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild-journal", help="Let the journal of letters learn anew from the history.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check settings, workbook, access, tabs, headers, outbox and clock; every failing line says what to do."""
    if rebuild:
        from sync.commands import remembering

        place = (_config(context, config), Path.cwd(), _machine(context, workbook), _clock())
        _end(remembering.rebuild_journal(*place, secrets.token_hex(2), _terminal(as_json)))
    what = (_config(context, config), Path.cwd(), _machine(context, workbook), _clock(), _terminal(as_json))
    if live:
        from sync.commands import questioning

        _end(questioning.live(*what))
    from sync.commands import examining

    _end(examining.doctor(*what))


@app.command(epilog=page("check"))
def check(
    context: typer.Context, config: Config = None, workbook: Which = "", now: AsOf = None, as_json: Json = False
) -> None:
    """Validate every row and list what is wrong, where, and what to do. Writes nothing."""
    from sync.commands import work

    _end(work.check(_open(context, config, workbook, now), _terminal(as_json)))


@app.command(epilog=page("plan"))
def plan(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    now: AsOf = None,
    save: Annotated[Path | None, typer.Option("--save", help="Save the plan for 'sync --plan'.")] = None,
    as_json: Json = False,
) -> None:
    """Show every cell that would change, every letter that would go, and why not the others. Writes nothing."""
    from sync.commands import work

    _end(work.plan(_open(context, config, workbook, now), _terminal(as_json), save))


@app.command(epilog=page("sync"))
def sync(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    now: AsOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide, but write and send nothing.")] = False,
    saved: Annotated[Path | None, typer.Option("--plan", help="Carry out a plan saved by 'plan --save'.")] = None,
    approve_volume: Annotated[
        bool, typer.Option("--approve-volume", help="Send even though it is many more than usual.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Let the first letters of live mode leave without a question.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The main job: ids, statuses, balances, duplicates, problems, reminders, history."""
    from sync.commands import work

    if dry_run and saved:
        raise WrongUse("--dry-run and --plan do not go together.", "A saved plan is the dry run: read it.")
    session, terminal = _open(context, config, workbook, now), _terminal(as_json)
    if dry_run:
        _end(work.dry_run(session, terminal))
    if saved:
        _end(work.apply(session, terminal, saved))
    ask = typer.confirm if sys.stdin.isatty() and not as_json else None
    _end(work.sync(session, terminal, approve_volume=approve_volume, may_begin=yes or ask))


@app.command(epilog=page("run"))
def run(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Let the first letters of live mode leave without a question.")
    ] = False,
) -> None:
    """The service: a sync at each time of the schedule, until SIGTERM or Ctrl+C; SIGHUP reads the settings again."""
    from sync.commands import duties, service
    from sync.opening import all_settings_at

    machine, debug = _machine(context, workbook), "--debug" in sys.argv

    def read() -> "tuple[Settings, ...]":
        return all_settings_at(_config(context, config), machine.environ, Path.cwd())

    def log_as(settings: "Settings") -> None:
        set_up("DEBUG" if debug else settings.logs.level, sys.stderr, settings.logs.format)

    here = duties.Surroundings(machine, _clock, lambda: secrets.token_hex(2), read, log_as)
    _end(service.run(here, may_begin=yes))


@app.command(epilog=page("status"))
def status(context: typer.Context, config: Config = None, workbook: Which = "", as_json: Json = False) -> None:
    """How the service is: its last good sync, its last run, the next one. Exit status 1 when something is not well."""
    from sync.commands import service
    from sync.opening import all_settings_at

    everyone = all_settings_at(_config(context, config), _machine(context, workbook).environ, Path.cwd())
    _end(service.status(everyone, _clock(), _terminal(as_json)))


@app.command("import", epilog=page("import"))
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Lists of clients or invoices, of any program.")],
    config: Config = None,
    workbook: Which = "",
    to: Annotated[Literal["clients", "invoices"] | None, typer.Option("--to", help="What the list holds.")] = None,
    meaning: Annotated[
        list[str] | None, typer.Option("--map", metavar='"COLUMN=FIELD"', help='Its meaning; "=-" leaves it out.')
    ] = None,
    batch_size: Annotated[int, typer.Option("--batch-size", help="So many records in one write.")] = 50,
    update: Annotated[bool, typer.Option("--update", help="Let the file's cells replace those of the sheet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show every difference, but write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: one batch after the other.")] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where rejected rows go.", show_default="NAME.rejected.csv")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring lists into the workbook, batch by batch. What is there already is known: run it again to go on."""
    from sync.commands import bringing

    wishes = bringing.Wishes(to or "", bringing.chosen(meaning or []), batch_size, update, dry_run, rejects)
    ask = typer.prompt if sys.stdin.isatty() and not (yes or as_json or dry_run) else None
    _end(bringing.import_lists(_open(context, config, workbook, None), _terminal(as_json), files, wishes, ask))


@app.command(epilog=page("explain"))
def explain(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="A client or invoice: K-0007, F-0016, or its number.")],
    config: Config = None,
    workbook: Which = "",
    now: AsOf = None,
    as_json: Json = False,
) -> None:
    """One client or invoice: its state, its history, its next reminder, and why."""
    from sync.commands import asking

    _end(asking.explain(_open(context, config, workbook, now), _terminal(as_json), id_))


@app.command(epilog=page("preview"))
def preview(
    context: typer.Context,
    config: Config = None,
    workbook: Which = "",
    now: AsOf = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("preview.html"),
    as_json: Json = False,
) -> None:
    """The letters that would go, as one HTML page."""
    from sync.commands import work

    _end(work.preview(_open(context, config, workbook, now), _terminal(as_json), output))


@app.command(epilog=page("undo"))
def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run to take back; 'kartoteka history' shows runs.")],
    config: Config = None,
    workbook: Which = "",
    as_json: Json = False,
) -> None:
    """Put back what a run changed in the team's columns; what a person changed since is kept and named."""
    from sync.commands import keeping

    _end(keeping.undo(_open(context, config, workbook, None), _terminal(as_json), run))


@app.command(epilog=page("history"))
def history(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="[ID]", help="A client or invoice; all of them when left out.")] = "",
    config: Config = None,
    workbook: Which = "",
    as_json: Json = False,
) -> None:
    """What was done, by which run, to what."""
    from sync.commands import asking

    _end(asking.history(_open(context, config, workbook, None), _terminal(as_json), id_))


@app.command(epilog=page("resolve"))
def resolve(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="An invoice whose letter is in doubt, or a client.")],
    word: Annotated[
        Literal["sent", "resend"],
        typer.Argument(metavar="sent|resend", help="It was sent, or it shall be sent again."),
    ],
    config: Config = None,
    workbook: Which = "",
    as_json: Json = False,
) -> None:
    """Settle a letter of which nobody knows whether it left, or let letters to a client go again."""
    from sync.commands import keeping

    _end(keeping.resolve(_open(context, config, workbook, None), _terminal(as_json), id_, word))


def _open(context: typer.Context, config: Path | None, workbook: str, now: str | None) -> "Session":
    return _session(_config(context, config), _machine(context, workbook), now, _clock())


def _session(
    config: Path | None, machine: "Machine", now: str | None, clock: datetime, *, create: bool = False
) -> "Session":
    from sync.opening import open_session, settings_at

    settings = settings_at(config, machine.environ, Path.cwd())
    return open_session(settings, clock, now, secrets.token_hex(2), machine, create=create)


def _machine(context: typer.Context, workbook: str = "") -> "Machine":
    from config.settings_workbooks import CHOSEN
    from sync.opening import Machine

    before: Before = context.obj
    chosen = workbook or before.workbook
    environ = dict(os.environ) | ({CHOSEN: chosen} if chosen else {})
    return Machine(environ, time.sleep, time.monotonic)


def _config(context: typer.Context, config: Path | None) -> Path | None:
    before: Before = context.obj
    return config or before.config


def _terminal(as_json: bool) -> "Terminal":
    from sync.commands.work import Terminal

    return Terminal(Console(highlight=False), Console(stderr=True, highlight=False), as_json)


def _clock() -> datetime:
    return datetime.now(UTC)


def _end(status: int) -> None:
    raise typer.Exit(status)


def _unexpected(kind: type[BaseException], error: BaseException, _: object) -> None:
    """A bug, not the user's fault: one sentence without a traceback."""
    sys.stderr.write(f"Kartoteka met an error it did not expect ({kind.__name__}: {error}).\n")
    sys.stderr.write("Nothing is half-written. Please run the command again with --debug and report what it shows.\n")
