"""What shall change, as plain values: record ids and fields, never row numbers. No I/O; storage carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass

from validators.rows import Cell


@dataclass(frozen=True, slots=True)
class SetCell:
    """Field `field` of record `id` shall hold `after` instead of `before`, because of `reason`.

    A row that has no id yet is given one by `field="id"` and is found by `key` (rows.Table.key); other changes to it
    name the new id. When several rows bear the same id, all of them are set.
    """

    tab: str
    id: str
    field: str
    before: Cell
    after: Cell
    reason: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class AppendRow:
    """A new row at the end of `tab`: values by field."""

    tab: str
    values: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column of `tab` that the workbook lacks, to be added right of what is there."""

    tab: str
    field: str


@dataclass(frozen=True, slots=True)
class Archive:
    """The rows of the history of `year` shall stand in a new tab called `title`, and no more in the history itself."""

    title: str
    year: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One atomic write. `language` decides the labels of tabs and columns that it adds; `register` is the state of
    the workbook it was decided on. `archives` come with rows of the history to append, and nothing else."""

    run: str
    register: str
    language: str = "pl"
    tabs: tuple[str, ...] = ()
    columns: tuple[AddColumn, ...] = ()
    changes: tuple[SetCell, ...] = ()
    appended: tuple[AppendRow, ...] = ()
    archives: tuple[Archive, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.tabs or self.columns or self.changes or self.appended or self.archives)
