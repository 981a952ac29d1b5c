"""The texts that the cells of a workbook share, kept in an encrypted file, not in memory.

A register has a new text in nearly every row (names, numbers), and Excel keeps them all in one
part before the rows. In memory they would grow with the register; here each costs eight bytes.
"""

import re
from array import array
from functools import lru_cache
from typing import BinaryIO, Final

from api.resources.registers.cells import CHARACTERS_MAX
from api.resources.registers.errors import RegisterError
from api.resources.registers.spool import Spool
from api.resources.registers.xlsx.safe_xml import fed

_CACHED: Final = 4_096
"""Names of companies and the like, which stand in row after row."""
_TEXTS_MAX: Final = 1 << 24
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


class Texts:
    """Shared strings by their number. Holds no text but the last few; the rest is in the spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._ends = array("Q", [0])
        self._get = lru_cache(_CACHED)(self._read)

    def read(self, part: BinaryIO) -> None:
        """Take all texts of the part."""
        item = TextCollector()

        def start(name: str, _: dict[str, str]) -> None:
            item.begin("t") if name == "si" else item.start(name)

        def end(name: str) -> None:
            self._add(item.text()) if name == "si" else item.end(name)

        for _ in fed(part, start, end, item.take):
            if len(self._ends) > _TEXTS_MAX:
                raise RegisterError("TOO_LARGE")
        self._spool.flush()

    def _add(self, text: str) -> None:
        # One character more than a cell may have tells the reader that it was longer.
        written = text.encode("utf-8", "surrogatepass")
        self._spool.write(written)
        self._ends.append(self._ends[-1] + len(written))

    def __getitem__(self, number: int) -> str:
        """The text of that number, from 0.

        Raises:
            IndexError: there is none.
        """
        return self._get(number)

    def _read(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError
        begin, end = self._ends[number], self._ends[number + 1]
        return self._spool.read(begin, end).decode("utf-8", "surrogatepass")


class TextCollector:
    """The text of one item or cell: its runs, without the reading aid (ふりがな) beside them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.begin("")

    def begin(self, element: str) -> None:
        """Begin a new one, whose text lies in these elements alone."""
        self._element = element
        self._parts.clear()
        self._length = 0
        self._is_text = self._aside = False

    def start(self, name: str) -> None:
        """An element within it begins."""
        if name == "rPh":
            self._aside = True
        elif name == self._element:
            self._is_text = not self._aside

    def end(self, name: str) -> None:
        """An element within it ends."""
        if name == "rPh":
            self._aside = False
        elif name == self._element:
            self._is_text = False

    def take(self, piece: str) -> None:
        """Characters; no more than one beyond the longest cell are kept."""
        if self._is_text and self._length <= CHARACTERS_MAX:
            self._parts.append(piece[: CHARACTERS_MAX + 1 - self._length])
            self._length += len(self._parts[-1])

    def text(self) -> str:
        """All of it; what the format writes as `_x000D_` is that character."""
        joined = "".join(self._parts)
        if "_x" not in joined:
            return joined
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), joined)
