"""What the team reads of an error: what is the matter and who can mend it, in Polish and English. Words only; the whole
English sentence is for the operator, in the log and in `kartoteka status`.
"""

import re
from collections.abc import Mapping

from config.labels import Label
from validators.errors import Trouble

# Square brackets hold what is left out when nothing is known to put there.
_WORDS: Mapping[Trouble, Label] = {
    Trouble.SETTINGS: Label("Ustawienia Kartoteki wymagają poprawki.", "Kartoteka's settings need mending."),
    Trouble.SHAPE: Label(
        "W arkuszu brakuje karty albo nagłówka kolumny, jest podwójna karta, albo zmieniono jej nazwę[: {about}]. "
        "Przywróć to, co było.",
        "A tab or a column's header is missing in the workbook, or a tab is there twice or was renamed[: {about}]. "
        "Please put it back as it was.",
    ),
    Trouble.MISSING: Label(
        "Nie ma arkusza[: {about}]. Jeśli ktoś go usunął, przeniósł albo zmienił jego nazwę, trzeba to cofnąć.",
        "The workbook is not there[: {about}]. If somebody deleted, moved or renamed it, that has to be undone.",
    ),
    Trouble.UNREADABLE: Label(
        "Pliku z arkuszem nie da się odczytać[: {about}]. Jest uszkodzony, ma hasło albo zapisano go w innym formacie.",
        "The file of the workbook cannot be read[: {about}]. It is damaged, has a password, or was saved in another "
        "format.",
    ),
    Trouble.LOCKED: Label(
        "Arkusz jest otwarty w innym programie[: {about}]. Zapisz go i zamknij na wszystkich komputerach.",
        "The workbook is open in another program[: {about}]. Please save and close it on every computer.",
    ),
    Trouble.MERGED: Label(
        "W arkuszu są scalone komórki[: {about}]. Trzeba je rozdzielić; scalone mogą być tylko tytuły nad nagłówkami.",
        "There are merged cells in the workbook[: {about}]. Please unmerge them; only titles above the headers may be "
        "merged.",
    ),
    Trouble.UNKEPT: Label(
        "W pliku jest coś, co by zginęło przy zapisie, np. wykres, obraz, tabela przestawna lub makro[ (karta {about})]"
        ". Przenieś to do innego pliku.",
        "The file holds what writing to it would lose, such as a chart, a picture, a pivot table or a macro[ (tab "
        "{about})]. Please move that to another file.",
    ),
    Trouble.NOT_SHARED: Label(
        "Arkusz Google nie jest udostępniony Kartotece do edycji. Kliknij w nim Udostępnij[, wpisz {about}] i wybierz "
        "uprawnienie Edytor.",
        "The Google spreadsheet is not shared with Kartoteka as an editor. Click Share in it[, enter {about}] and "
        "choose Editor.",
    ),
    Trouble.PROTECTED: Label(
        "Chroniony zakres nie pozwala Kartotece zapisać. W arkuszu: Dane, Chroń arkusze i zakresy; zezwól tam na "
        "edycję[ adresowi {about}] albo usuń ochronę.",
        "A protected range does not let Kartoteka write. In the spreadsheet: Data, Protect sheets and ranges; allow "
        "editing there[ for {about}], or remove the protection.",
    ),
    Trouble.FULL: Label(
        "Arkusz Google jest pełny (10 milionów komórek). Usuń puste wiersze i kolumny albo zbędne karty.",
        "The Google spreadsheet is full (10 million cells). Empty rows and columns, or unused tabs, have to go.",
    ),
    Trouble.ACCESS: Label("Google nie przyjmuje logowania Kartoteki.", "Google does not accept Kartoteka's sign-in."),
    Trouble.OUT_OF_REACH: Label(
        "Kartoteka nie może się teraz połączyć z arkuszem.", "Kartoteka cannot reach the workbook now."
    ),
    Trouble.MAIL: Label(
        "Serwer poczty jest niedostępny albo nie przyjmuje listów. Żaden list nie zginął.",
        "The mail server is out of reach, or takes no letters. No letter is lost.",
    ),
    Trouble.MAIL_ACCESS: Label(
        "Serwer poczty nie przyjmuje logowania Kartoteki. Żaden list nie zginął.",
        "The mail server does not accept Kartoteka's sign-in. No letter is lost.",
    ),
    Trouble.DISK: Label(
        "Na komputerze, na którym działa Kartoteka, brakuje miejsca na dysku albo prawa do zapisu lub odczytu.",
        "The computer on which Kartoteka runs lacks room on its disk, or the right to write or read.",
    ),
    Trouble.RECORDS: Label(
        "Zapiski Kartoteki na jej komputerze są uszkodzone albo niepełne. Na wszelki wypadek nic nie wysłano.",
        "What Kartoteka remembers on its computer is damaged or incomplete. To be safe, nothing was sent.",
    ),
    Trouble.BUSY: Label(
        "Przy arkuszu pracuje już inny przebieg Kartoteki.", "Another run of Kartoteka is at work on the workbook."
    ),
    Trouble.MOVED: Label(
        "Arkusz zmieniał się, gdy Kartoteka w nim pracowała. Nic się nie stało, następny przebieg spróbuje od nowa.",
        "The workbook changed while Kartoteka was at work in it. No harm is done; the next run tries anew.",
    ),
    Trouble.BRAKE: Label(
        "Do wysłania jest dużo więcej listów niż zwykle, więc nic nie wysłano. Jeśli tak ma być, trzeba wykonać "
        "polecenie: kartoteka sync --approve-volume",
        "Far more letters than usual are to be sent, so nothing was sent. If that is right, this has to be run: "
        "kartoteka sync --approve-volume",
    ),
    Trouble.FIRST_LETTERS: Label(
        "Pierwsze listy czekają na zgodę. Jeśli mają wyjść, trzeba raz wykonać polecenie: kartoteka sync --yes",
        "The first letters wait for a yes. If they may leave, this has to be run once: kartoteka sync --yes",
    ),
    Trouble.REFUSED: Label(
        "Kartoteka zatrzymała się, żeby niczego nie zepsuć; nic nie zmieniono.",
        "Kartoteka stopped so as to do no harm; nothing was changed.",
    ),
    Trouble.UNFORESEEN: Label("W Kartotece wystąpił nieprzewidziany błąd.", "Kartoteka met an error nobody foresaw."),
}


def troubled(trouble: Trouble, about: str, language: str) -> str:
    """What is the matter, in `language`; `about` is the name of the tab, file or account, "" when there is none.

    >>> troubled(Trouble.LOCKED, "faktury.xlsx, Excel", "en")
    'The workbook is open in another program: faktury.xlsx, Excel. Please save and close it on every computer.'
    >>> troubled(Trouble.NOT_SHARED, "", "en")
    'The Google spreadsheet is not shared with Kartoteka as an editor. Click Share in it and choose Editor.'
    """
    words = re.sub(r"\[([^\]]*)\]", r"\1" if about else "", _WORDS[trouble].in_language(language))
    return words.replace("{about}", about)
