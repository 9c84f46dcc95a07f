"""What stands below each command's `--help`: what to know of it, and examples to copy. Texts only."""

from collections.abc import Mapping

_SHEET = "https://docs.google.com/spreadsheets/d/…"
# By command, "" for `kartoteka --help`: what for, and the command line.
EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("See it at work on a sample, without any set-up", "kartoteka demo"),
        ("Set up your own workbook; asks a few questions", "kartoteka init"),
        ("What would change, and which letters would go", "kartoteka plan"),
        ("Do it", "kartoteka sync"),
        ("Complete commands and options by the Tab key", "kartoteka --install-completion"),
    ),
    "demo": (
        ("A folder kartoteka-demo in this one", "kartoteka demo"),
        ("Somewhere else, as of a Monday morning", "kartoteka demo /tmp/demo --now 2026-11-23T08:00"),
    ),
    "init": (
        ("A few questions, then the workbook is made or completed", "kartoteka init"),
        ("A file, without questions", 'kartoteka init --yes --workbook faktury.xlsx --sender "Biuro <biuro@firma.pl>"'),
        ("A Google Sheet", f'kartoteka init --workbook "{_SHEET}" --credentials service-account.json'),
    ),
    "doctor": (
        ("After a change of settings, or when something does not work", "kartoteka doctor"),
        ("Try out on Google itself what its manual leaves open", "kartoteka doctor --live"),
        ("The journal of letters was lost", "kartoteka doctor --rebuild-journal"),
    ),
    "check": (
        ("All that is wrong in the rows", "kartoteka check"),
        ("For a script", "kartoteka check --json"),
    ),
    "plan": (
        ("What a sync would do now", "kartoteka plan"),
        ("Which letters would go on another day", "kartoteka plan --now 2026-12-01T09:00"),
        ("Keep it, read it, carry it out later", "kartoteka plan --save monday.json"),
    ),
    "sync": (
        ("The main job", "kartoteka sync"),
        ("Look first", "kartoteka sync --dry-run"),
        ("Carry out a plan that was saved", "kartoteka sync --plan monday.json"),
        ("After the first drafts were found right, in live mode", "kartoteka sync --yes"),
    ),
    "run": (
        ("Until Ctrl+C; times stand in [bold]\\[schedule][/bold] of kartoteka.toml", "kartoteka run"),
        ("One of several workbooks alone", "kartoteka run --workbook serwis"),
        ("With every line of its log", "kartoteka --debug run"),
    ),
    "status": (
        ("Is all well, and when is the next sync?", "kartoteka status"),
        ("For a watchdog: exit status 1 when something is not well", "kartoteka status --json"),
    ),
    "import": (
        ("Look first", "kartoteka import klienci.csv --dry-run"),
        ("Several files, without a question between batches", "kartoteka import faktury.xml lista.xlsx --yes"),
        ("Say what a column means", 'kartoteka import lista.csv --to clients --map "Firma=name"'),
        ("Let the file's values replace those of the sheet", "kartoteka import klienci.csv --update"),
    ),
    "explain": (
        ("An invoice: why a letter goes, or does not", "kartoteka explain F-0016"),
        ("A client, as of another day", "kartoteka explain K-0007 --now 2026-12-01"),
    ),
    "preview": (
        ("Into preview.html", "kartoteka preview"),
        ("Into another file, as of another day", "kartoteka preview --output letters.html --now 2026-12-01T09:00"),
    ),
    "undo": (("What an import brought, or a sync tidied", "kartoteka undo 20261123T080000-7f3ac1e0"),),
    "history": (
        ("All of it", "kartoteka history"),
        ("Of one invoice or client", "kartoteka history F-0016"),
    ),
    "resolve": (
        ("It is among the mail that was sent", "kartoteka resolve F-0016 sent"),
        ("It is not: let it go again", "kartoteka resolve F-0016 resend"),
        ("The client has a good address again", "kartoteka resolve K-0007 resend"),
    ),
}
# By command, where one line does not say enough.
_MORE: Mapping[str, str] = {
    "": (
        "Settings stand in kartoteka.toml: in this folder, or where --config or KARTOTEKA_CONFIG says. Where they hold "
        "several workbooks, --workbook or KARTOTEKA_WORKBOOK names one; without that 'run' and 'status' are for all. "
        "Exit status: 0 done; 1 done, but something needs a person; 2 wrong options or settings; 3 workbook or mail "
        "server out of reach; 4 refused for safety; 130 interrupted."
    ),
    "init": (
        "On a terminal it asks for what no option says; with --yes, or without a terminal, it takes the defaults. "
        "Tabs and columns that are missing are added, nothing is moved or deleted, and settings that stand are kept."
    ),
    "sync": (
        "Reads the workbook, decides, and writes all at once. In draft mode letters are files in the folder outbox; in "
        "live mode each is claimed in the sheet before it leaves, so that none goes twice. What a killed sync has left "
        "the next one finishes: run it again."
    ),
    "run": (
        "A sync that fails is logged, told to the team once, and tried at the next time. SIGTERM and Ctrl+C finish the "
        "letter in hand, write down what became of each, and end it within 30 seconds. Several workbooks have their "
        "turns one after the other, and one that fails does not stop the others."
    ),
    "import": (
        "CSV, Excel, OpenDocument, vCard, contacts of Google and Outlook, KSeF, JPK, UBL, CII, Factur-X, Fakturownia: "
        "the format is found out. Every row gets one verdict with its reason; rejected rows go to a file of their own, "
        "to be mended and imported again."
    ),
    "undo": "The runs stand in 'kartoteka history'. RUN/3 takes back one batch of an import.",
    "resolve": (
        "A letter is in doubt when the connection broke at its very end. Look for it among the mail that was sent; "
        "Kartoteka never sends it again by itself."
    ),
}


def page(command: str = "") -> str:
    """What stands below the options of a command, in the markup of rich, as typer shows it.

    >>> page("status").splitlines()[:2]
    ['Examples:', '[dim]# Is all well, and when is the next sync?[/dim]']
    """
    more = (f"{_MORE[command]}\n",) if command in _MORE else ()
    lines = (f"[dim]# {what}[/dim]\n$ {line}" for what, line in EXAMPLES[command])
    return "\n".join((*more, "Examples:", *lines))
