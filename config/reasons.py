"""Why a reminder was or was not sent, as a sentence for the sheet, in Polish and English. Words only."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from babel.numbers import format_currency

from validators.tabs import CLIENTS, INVOICES

_DUE = {
    "e-mail": {"pl": "Przypomnienie: krok {step}.", "en": "Reminder: step {step}."},
    "team": {
        "pl": "Krok {step} dla zespołu: skontaktuj się z klientem.",
        "en": "Step {step} for the team: please contact the client.",
    },
}
_NO_STEP = {"pl": "Nie ma żadnego aktywnego kroku przypomnień.", "en": "There is no active reminder step."}
_REPLIED = {
    "pl": "Klient wstrzymany, bo odpowiedział: {reply}. By przypominać dalej, opróżnij kolumnę „{column}”.",
    "en": "The client is on hold because of a reply: {reply}. To go on reminding, empty the column “{column}”.",
}
_TRIED = {
    "pl": "Krok {step} czeka: ostatnia próba wysłania się nie powiodła ({words}), następna {again}.",
    "en": "Step {step} waits: the last try to send it failed ({words}), the next is {again}.",
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "paid": {"pl": "Opłacona.", "en": "Paid."},
    "cancelled": {"pl": "Anulowana.", "en": "Cancelled."},
    "credit": {"pl": "Pokryta korektą lub nadpłatą.", "en": "Covered by a credit note or an overpayment."},
    "below_minimum": {
        "pl": "Pozostało mniej niż {minimum}; o tak małej kwocie nie przypominamy.",
        "en": "Less than {minimum} is left; too small for a reminder.",
    },
    "on_hold": {"pl": "Wstrzymana {until}{why}.", "en": "On hold {until}{why}."},
    "client_on_hold": {"pl": "Klient wstrzymany {until}{why}.", "en": "The client is on hold {until}{why}."},
    "not_yet": {"pl": "Krok {step} nie wcześniej niż {on}.", "en": "Step {step} not before {on}."},
    "interval": {
        "pl": "Krok {step} czeka: ostatni list do klienta {last}, następny nie wcześniej niż {on}.",
        "en": "Step {step} waits: the client's last letter went on {last}, the next not before {on}.",
    },
    "sending_hours": {
        "pl": "Krok {step} czeka na dni i godziny wysyłki ({on}).",
        "en": "Step {step} waits for sending days and hours ({on}).",
    },
    "approval": {
        "pl": "Krok {step} czeka na zgodę: zaznacz kolumnę „{approve}”.",
        "en": "Step {step} waits for approval: tick the column “{approve}”.",
    },
    "no_email": {
        "pl": "Krok {step} należny, ale klient nie ma adresu e-mail.",
        "en": "Step {step} is due, but the client has no e-mail address.",
    },
    "bounced": {
        "pl": "Krok {step} należny, ale adres klienta nie przyjmuje poczty{since}.",
        "en": "Step {step} is due, but the client's address bounces{since}.",
    },
    "no_channel": {
        "pl": "Krok {step} dla zespołu: skontaktuj się z klientem. Nikogo nie zawiadomiono: w ustawieniach brak"
        " adresu powiadomień ([notify] urls).",
        "en": "Step {step} for the team: please contact the client. Nobody was told: the settings hold no address"
        " for notices ([notify] urls).",
    },
    "no_due_date": {
        "pl": "Brak terminu płatności, więc nie ma o czym przypominać.",
        "en": "No due date, so there is nothing to remind of.",
    },
    "finished": {
        "pl": "Wszystkie kroki wykorzystane{last}; dalej decyduje zespół.",
        "en": "All steps are used up{last}; the team decides what follows.",
    },
    "too_old": {
        "pl": "Za stara, by zacząć ({days} dni po terminie, granica {limit}); zaznacz „{approve}”, by przypominać.",
        "en": "Too old to start reminding ({days} days overdue, limit {limit}); tick “{approve}” to start.",
    },
    "stale_payments": {
        "pl": "Dane o wpłatach są zbyt stare, by przypominać.",
        "en": "The payment data is too old to send reminders on.",
    },
    "cap": {
        "pl": "Krok {step} czeka: limit listów na dziś lub na ten przebieg jest wyczerpany.",
        "en": "Step {step} waits: the limit of letters for today or for this run is reached.",
    },
    "problem": {
        "pl": "Nie przypominamy, póki dane są niepewne{what}.",
        "en": "No reminder while the data is in doubt{what}.",
    },
}


def codes() -> frozenset[str]:
    """Every code that has sentences."""
    return frozenset(_SENTENCES) | {"due"}


def sentence(code: str, step: str, channel: str, params: Mapping[str, object], language: str) -> str:
    """The sentence for an answer of the reminder engine; `params` are those of the answer.

    Raises:
        KeyError: there is no sentence for `code`.
    """
    template = _template(code, channel, params)
    words = {"step": step, "approve": INVOICES.field("approve").label(language), "last": "", "why": "", "since": ""}
    words |= {name: _word(value, language) for name, value in params.items()}
    words["column"] = CLIENTS.field("reply").label(language)
    if code == "bounced" and params.get("address"):
        words["since"] = f": {params['address']}, {words['on']} ({params['words']!s:.120})"
    if code in ("on_hold", "client_on_hold") and "until" in params:
        words |= {
            "until": _until(params["until"], language),
            "why": f": {params['why']!s:.200}" if params["why"] else "",
        }
    if code == "finished" and not params.get("step"):
        return _NO_STEP[language]
    if code == "finished" and params.get("on"):
        words["last"] = f" ({'ostatni' if language == 'pl' else 'the last'}: {params['step']}, {words['on']})"
    if code == "problem":
        words["what"] = _doubts(params, language)
    if "minimum" in params:
        words["minimum"] = money(Decimal(str(params["minimum"])), str(params["currency"]), language)
    return template[language].format_map(words)


def reply(on: date, words: str, language: str) -> str:
    """A client's reply as its cell and the history show it.

    >>> reply(date(2026, 11, 22), "Zapłacimy w piątek.", "pl"), reply(date(2026, 11, 22), "", "en")
    ('22.11.2026 „Zapłacimy w piątek.”', '2026-11-22 (no text)')
    """
    if not words:
        return f"{day(on, language)} {'(bez treści)' if language == 'pl' else '(no text)'}"
    return f"{day(on, language)} {f'„{words}”' if language == 'pl' else f'“{words}”'}"


def withheld(invoice: str, why: str, language: str) -> str:
    """Why a letter that was about to leave stayed here: what changed about `invoice`, in the sentence `why`; the sum
    when that is "".

    >>> withheld("F-0001", "Opłacona.", "pl")
    'nie wysłano: w międzyczasie F-0001: Opłacona.'
    """
    if why:
        told = "nie wysłano: w międzyczasie {}: {}" if language == "pl" else "not sent: meanwhile {}: {}"
        return told.format(invoice, why)
    told = "nie wysłano: w międzyczasie zmieniła się kwota {}" if language == "pl" else "not sent: {} changed meanwhile"
    return told.format(invoice)


def readdressed(client: str, language: str) -> str:
    """Why a letter to `client` that was about to leave stayed here: it was addressed otherwise than it would be now.

    >>> readdressed("K-0001", "en")
    'not sent: the recipient of the letter to K-0001 changed meanwhile'
    """
    if language == "pl":
        return f"nie wysłano: w międzyczasie zmienił się adresat listu do {client}"
    return f"not sent: the recipient of the letter to {client} changed meanwhile"


def day(value: date, language: str) -> str:
    """A day as the sheet's sentences write it.

    >>> day(date(2026, 11, 3), "pl"), day(date(2026, 11, 3), "en")
    ('3.11.2026', '2026-11-03')
    """
    return f"{value.day}.{value.month:02}.{value.year}" if language == "pl" else value.isoformat()


def money(amount: Decimal, currency: str, language: str) -> str:
    """`amount` with its currency, as letters, the sheet and the terminal write it; the spaces inside do not break.

    >>> money(Decimal("1234.56"), "PLN", "pl").replace("\\xa0", " ")
    '1 234,56 zł'
    >>> money(Decimal("1234.56"), "PLN", "en").replace("\\xa0", " ")
    'PLN 1,234.56'
    """
    text: str = format_currency(amount, currency, locale="pl_PL" if language == "pl" else "en_GB")
    return re.sub(r"(?<=[A-Za-z])(?=\d)", "\N{NO-BREAK SPACE}", text).strip()


def _template(code: str, channel: str, params: Mapping[str, object]) -> Mapping[str, str]:
    if code == "due":
        return _DUE[channel or "e-mail"]
    if code == "client_on_hold" and "reply" in params:
        return _REPLIED
    return _TRIED if code == "not_yet" and "again" in params else _SENTENCES[code]


def _word(value: object, language: str) -> str:
    if isinstance(value, datetime):
        return f"{day(value.date(), language)} {'o' if language == 'pl' else 'at'} {value:%H:%M}"
    return day(value, language) if isinstance(value, date) else str(value)


def _until(value: object, language: str) -> str:
    if value == date.max:
        return "bezterminowo" if language == "pl" else "until further notice"
    return f"{'do' if language == 'pl' else 'until'} {_word(value, language)}"


def _doubts(params: Mapping[str, object], language: str) -> str:
    """Which columns are in doubt, or which older invoice bears the same number."""
    if params.get("template"):
        return ": szablon listu wymaga poprawki" if language == "pl" else ": the letter's template needs mending"
    if params.get("repeated"):
        words = "numer taki sam jak w {}" if language == "pl" else "same number as {}"
        return f": {words.format(params['repeated'])}"
    fields = params.get("fields", ())
    labels = [INVOICES.field(name).label(language) for name in fields] if isinstance(fields, tuple) else []
    return f": {', '.join(labels)}" if labels else ""
