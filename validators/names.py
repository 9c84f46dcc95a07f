"""How names and addresses of clients are compared: legal forms, name keys, address keys. Pure; who is tied to whom is
decided in duplicates.py."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import chain

from rapidfuzz import fuzz

from validators.text import words_once

NAME_CUT_OFF = 87.0
WORD_CUT_OFF = 80.0

# Written after fold_words: dots are spaces, so "Sp. z o.o.", "Sp.z o.o." and "sp zoo" are one pattern.
_ANYWHERE = (
    "prosta spolka akcyjna|spolka komandytowo akcyjna|spolka (?:akcyjna|jawna|komandytowa|partnerska|cywilna)",
    "sp(?:olka)? ?z ?o ?o|sp(?:olka)? z ogr(?:aniczona)? odp(?:owiedzialnoscia)?",
    "sp k a|sp [jkp]|sp[jk]|gmbh|mbh|p ?p ?h ?u|p ?h ?u|f ?h ?u|p ?p ?u ?h|p ?u ?h",
    "(?:przedsiebiorstwo|firma) (?:produkcyjno )?(?:handlowo uslugow|uslugowo handlow)[ae]",
    r"(?<=\S )s c",
)
_AT_THE_END = (
    "s ?a|s ?c|s ?j|s ?k ?a|p ?s ?a|z o ?o|w (?:likwidacji|upadlosci|restrukturyzacji|organizacji)",
    "(?:co )?kg|ag|ohg|ug|e k|e v|(?:pty |co )?(?:ltd|limited)|(?:co )?inc|incorporated|corp|corporation",
    "l ?l ?c|llp|plc",
    "(?:spol )?s ?r ?o|a s|s p a|s ?r ?l|s ?a ?r ?l|b ?v|n ?v|oy|aps|uab|kft|d ?o ?o",
)
_FORM = re.compile(rf"(?<!\S)(?:(?:{'|'.join(_ANYWHERE)})(?!\S)|(?<=\S )(?:{'|'.join(_AT_THE_END)})$)")

# Beginnings of words that say what a firm does, not which firm it is.
_TRADE = re.compile(
    "(?:adwok|agenc|apteka|auto|biur|budow|car$|cater|centrum|consult|cukier|dental|doradc|dom$|elektr|filia|firm|fryzjer"
    "|fundac|gabinet|gastro|gmin|gospodarstw|group|grup|hand[el]|hotel|hurt|hydraul|instal|kancel|kawiar|klinik|kosmet"
    "|ksieg|kwiaciar|lekar|meb[el]|mechani|mieszkan|nieruch|notari|nr$|oddzial|ogolnobud|paraf|piekar|pizzer|praw"
    "|produkc|prywatn|przedsieb|przedszkol|przychod|rachunk|radc|remont|restaur|salon|serwis|sklep|slusar|spedyc|spold"
    "|sprzat|sprzed|stolar|stomat|stowarz|studio|szkol|transport|ubezp|urzad|uslug|warsztat|wielobran|wspolnot|zaklad)"
)
_BETWEEN = frozenset(("and", "dla", "der", "die", "oraz", "pod", "przy", "the", "und"))
_NUMBERS = re.compile(r"\d+|\b(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})\b(?<=[ivx])")
_ROMAN_STARTS = frozenset(a + b for a in "ivx" for b in "ivx")
_SURNAME = re.compile(r".+(?:sk[ai]|ck[ai]|wicz|czyk|enko|[cs]huk|czuk|szuk)")
_GIVEN_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
    adam adrian agata agnieszka aleksander aleksandra alicja alina amelia anastasiia andrii andrzej aneta
    angelika anita anna antoni arkadiusz artur barbara bartlomiej bartosz beata bogdan bogdana bogumil
    bogumila boguslaw boguslawa bozena cezary damian daniel danuta daria dariusz dawid dominik dominika dorota
    edward edyta elzbieta emilia ewa ewelina filip franciszek gabriela genowefa grazyna grzegorz halina hanna
    helena henryk hubert igor ihor ilona irena iryna iwona izabela jacek jadwiga jakub jan janina janusz
    jaroslaw jerzy joanna john jolanta jozef julia justyna kacper kamil kamila karol karolina katarzyna
    kazimierz kinga klaudia konrad krystian krystyna krzysztof laura lena leszek lidia lucyna lukasz maciej
    magdalena maja malgorzata marcel marcin marek maria marian marianna mariola mariusz marta martyna marzena
    mateusz michal mieczyslaw mikolaj milena miroslaw miroslawa monika mykola natalia nikola nina norbert
    oksana oleksandr olena olga oliwia oskar patrycja patryk paulina pawel piotr przemyslaw radoslaw rafal
    renata robert roman roza ryszard sebastian serhii slawomir sofia stanislaw stanislawa stefan svitlana
    sylwester sylwia szymon tadeusz teresa tetiana tomasz urszula viktor volodymyr waldemar wanda weronika
    wieslaw wieslawa wiktor wiktoria witold wladyslaw wojciech yurii zbigniew zdzislaw zofia zuzanna zygmunt
    """,
    )
)


@dataclass(frozen=True, slots=True)
class NameKey:
    """A name without legal form, case, accents and punctuation: its words in order of the alphabet and as written,
    its numbers (also Roman ones), and whether a legal form stood there."""

    sorted: str
    joined: str
    numbers: tuple[str, ...]
    registered: bool

    @property
    def words(self) -> list[str]:
        """Its words, in order of the alphabet."""
        return self.sorted.split()

    @property
    def telling(self) -> bool:
        """Whether the name alone tells one firm from all others: two distinctive words, and not a person's name."""
        words = self.words
        distinctive = [w for w in words if len(w) > 2 and w not in _BETWEEN and not _TRADE.match(w)]
        if len(distinctive) < 2:
            return False
        trading = self.registered or any(_TRADE.match(w) for w in words)
        return trading or not any(w in _GIVEN_NAMES or _SURNAME.fullmatch(w) for w in words)


def without_legal_form(text: str) -> str:
    """The folded words of a name less its legal forms; of a name that is nothing else, all of them.

    About 25 Polish forms (Kodeks spółek handlowych, Civil Code art. 860 for s.c., customary P.P.H.U. and the like) and
    the usual foreign ones. Ambiguous short forms count at the end of the name only.

    >>> without_legal_form("„Żuraw” Sp.z o.o. Sp. k.")
    'zuraw'
    >>> without_legal_form("SA Transport S.A.")
    'sa transport'
    """
    return bare_of_forms(words_once(text))


def bare_of_forms(words: str) -> str:
    """The same, of a name whose words are folded already."""
    rest = words
    while rest and (shorter := _FORM.sub("", rest)) != rest:
        rest = " ".join(shorter.split())
    return rest or words


@lru_cache(maxsize=262_144)
def name_key(text: str) -> NameKey:
    """What a name is compared by.

    >>> name_key("P.P.H.U. Kowalski Jan").sorted == name_key("Jan KOWALSKI").sorted
    True
    """
    return name_key_once(text)


def name_key_once(text: str) -> NameKey:
    """As `name_key`, for names of which long lists have many, each once or twice: nothing is remembered."""
    folded = words_once(text)
    bare = bare_of_forms(folded)
    written = bare.split()
    words = [w for i, w in enumerate(written) if w != "i" or i == len(written) - 1] if "i" in written else written
    joined = "".join(words)
    has_numbers = not joined.isalpha() or not _ROMAN_STARTS.isdisjoint([word[:2] for word in words])
    numbers = tuple(sorted(_NUMBERS.findall(bare))) if has_numbers else ()
    return NameKey(" ".join(sorted(words)), joined, numbers, bare != folded)


def names_close(one: NameKey, other: NameKey) -> bool:
    """Whether two names may be spellings of one: word order free, numbers and initials agreeing.

    >>> names_close(name_key("Zakład Usługowy Żuraw"), name_key("ZURAW zaklad uslugowy s.c."))
    True
    >>> names_close(name_key("Przedszkole nr 12"), name_key("Przedszkole nr 13"))
    False
    >>> names_close(name_key("Liceum XIV"), name_key("Liceum XVI"))
    False
    >>> names_close(name_key("Viva Polska"), name_key("Wiva Polska"))
    True
    """
    if not one.sorted or not other.sorted or one.numbers != other.numbers:
        return False
    if one.sorted == other.sorted or one.joined == other.joined:
        return True
    by_word = fuzz.ratio(one.sorted, other.sorted, score_cutoff=NAME_CUT_OFF)
    if not (by_word or fuzz.ratio(one.joined, other.joined, score_cutoff=NAME_CUT_OFF)):
        return False
    mine, theirs = set(one.words) - set(other.words), set(other.words) - set(one.words)
    return _initials_fit(mine, theirs) and _initials_fit(theirs, mine) and not _spouses(mine, theirs)


def _initials_fit(mine: set[str], theirs: set[str]) -> bool:
    return all(len(w) > 1 or any(t.startswith(w) for t in theirs) for w in mine)


def _spouses(mine: set[str], theirs: set[str]) -> bool:
    """Kowalski and Kowalska share a surname, not an identity."""
    return any(w[-3:] in ("ski", "cki") and w[:-1] + "a" in theirs for w in mine) or any(
        w[-3:] in ("ska", "cka") and w[:-1] + "i" in theirs for w in mine
    )


@dataclass(frozen=True, slots=True)
class AddressKey:
    """An address: its words, house and flat numbers in order, postcode (digits, or ""), and the word before the first
    number, mostly the street's. Without a number it is a place, not an address."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    postcode: str
    street: str


class Nearness(Enum):
    """How two addresses compare; UNKNOWN when one is blank or only a place that the other one names too."""

    SAME = auto()
    DIFFERENT = auto()
    UNKNOWN = auto()


_POSTCODE = re.compile(r"(?<!\d)(?:(\d\d)[-–—](\d{3})|(\d{5}))(?!\d)")
_NUMBER = re.compile(r"\b(\d+)(?: ?([a-hj-l]))?\b")
_OF_NO_MEANING = frozenset(("ul", "ulica", "al", "aleja", "aleje", "pl", "plac", "os", "osiedle")) | frozenset(
    ("nr", "numer", "m", "mieszk", "mieszkanie", "lok", "lokal", "polska", "poland")
)


@lru_cache(maxsize=262_144)
def address_key(text: str) -> AddressKey:
    """What an address is compared by.

    >>> address_key("ul. Długa 5A m. 7, 00-950 Warszawa")
    AddressKey(words=('dluga', 'warszawa'), numbers=('5a', '7'), postcode='00950', street='dluga')
    """
    before, code, after = text, "", ""
    if found := _POSTCODE.search(text):
        before, code, after = text[: found.start()], "".join(filter(None, found.groups())), text[found.end() :]
    # Every match leaves three pieces: what stood before the number, the number, its letter or None.
    pieces = _NUMBER.split(words_once(f"{before} {after}"))
    words = [[w for w in piece.split() if w not in _OF_NO_MEANING] for piece in pieces[::3]]
    numbers = tuple(number + (letter or "") for number, letter in zip(pieces[1::3], pieces[2::3], strict=True))
    return AddressKey(tuple(dict.fromkeys(chain(*words))), numbers, code, words[0][-1] if words[0] else "")


def addresses_near(one: AddressKey, other: AddressKey) -> Nearness:
    """Compare two addresses: numbers and postcodes must agree where both have them, words may be short or misspelt.

    >>> addresses_near(address_key("ul. Długa 5/7, 00-950 Warszawa"), address_key("Dluga 5 m 7 Warszawa")).name
    'SAME'
    >>> addresses_near(address_key("Długa 5, Warszawa"), address_key("Kraków")).name
    'DIFFERENT'
    """
    if one.postcode and other.postcode and one.postcode != other.postcode:
        return Nearness.DIFFERENT
    shorter, longer = sorted((one, other), key=lambda a: (len(a.words), a.words))
    if not one.numbers or not other.numbers:
        place, full = (one, other) if not one.numbers else (other, one)
        named = set(place.words) <= set(full.words) or (not full.numbers and set(full.words) <= set(place.words))
        return Nearness.UNKNOWN if named else Nearness.DIFFERENT
    common = min(len(one.numbers), len(other.numbers))
    if one.numbers[:common] != other.numbers[:common] or bool(one.words) != bool(other.words):
        return Nearness.DIFFERENT
    akin = all(any(_akin(w, v) for v in longer.words) for w in shorter.words)
    return Nearness.SAME if akin else Nearness.DIFFERENT


def _akin(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if short == long or (len(short) <= 3 and long.startswith(short)):
        return True
    return len(short) >= 5 and fuzz.ratio(short, long) >= WORD_CUT_OFF
