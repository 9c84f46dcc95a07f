"""Which form of a noun goes with a number, in Polish and English. Pure."""


def plural(number: int, one: str, few: str, many: str) -> str:
    """The Polish form for `number`: 1 faktura, 2–4 faktury (also 22–24, but not 12–14), any other faktur.

    The rule: CLDR, plural rules of Polish.

    >>> [plural(n, "faktura", "faktury", "faktur") for n in (0, 1, 2, 5, 12, 22, 101)]
    ['faktur', 'faktura', 'faktury', 'faktur', 'faktur', 'faktury', 'faktur']
    """
    if abs(number) == 1:
        return one
    return few if abs(number) % 10 in (2, 3, 4) and abs(number) % 100 not in (12, 13, 14) else many


def plural_english(number: int, one: str, more: str) -> str:
    """The English form for `number`.

    >>> [plural_english(n, "invoice", "invoices") for n in (0, 1, 2)]
    ['invoices', 'invoice', 'invoices']
    """
    return one if abs(number) == 1 else more
