"""The console command `kartoteka`, and `python -m sync`."""


def main() -> None:
    """Run the command line."""
