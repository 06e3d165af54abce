"""One row of a benchmark's file, and the place where it stands."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from rm_eval.errors import EvalError


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by column; a cell without a value is left out or None.

    `where` names the file and the row in messages; `number` counts the rows of all files from 1,
    which is the identity of a row that has none of its own.
    """

    where: str
    cells: Mapping[str, object]
    number: int = 0

    def renamed(self, number: int, columns: Mapping[str, str]) -> Row:
        """The row with its number, its columns under the names that a benchmark knows them by.

        A list with one picture, as a data set of Hugging Face may hold it, becomes that picture.

        Raises:
            EvalError: If it holds several pictures.
        """
        named = {name: self.cells.get(column) for name, column in columns.items()}
        cells = {**self.cells, **named}
        if isinstance(cells.get("image"), list):
            pictures = cast("list[object]", cells["image"])
            if len(pictures) != 1:
                raise EvalError(
                    f"{self.where}: image: found {len(pictures)} pictures, expected one"
                )
            cells["image"] = pictures[0]
        return Row(self.where, cells, number)

    def has(self, name: str) -> bool:
        """Whether there is a value in that column."""
        return self.cells.get(name) is not None

    def text(self, *names: str) -> str:
        """The value of the first of these columns that has one, as text.

        Raises:
            EvalError: If none has.
        """
        for name in names:
            value = self.cells.get(name)
            if value is not None:
                return str(value)
        found = ", ".join(map(str, self.cells)) or "no column"
        raise EvalError(
            f"{self.where}: {names[0]}: found no value, expected one; the row has {found}"
        )

    def optional(self, *names: str) -> str:
        """The same, or an empty text."""
        return self.text(*names) if any(self.has(name) for name in names) else ""

    def options(self, prefix: str = "") -> dict[str, str]:
        """The texts of the columns A to Z that have a value, by their letter."""
        letters = (letter for letter in string.ascii_uppercase if self.has(prefix + letter))
        return {letter: self.text(prefix + letter) for letter in letters}
