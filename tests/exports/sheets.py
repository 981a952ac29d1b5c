"""A reader of workbooks that is not ours: zip and XML, as the standard says (ECMA-376)."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its cells as texts by place, and its XML."""

    name: str
    cells: dict[str, str]
    kinds: dict[str, str]
    root: ET.Element

    def column(self, letter: str) -> list[str]:
        return [self.cells.get(f"{letter}{n}", "") for n in range(1, self.rows + 1)]

    @property
    def rows(self) -> int:
        return len(self.root.findall(f"{_MAIN}sheetData/{_MAIN}row"))

    def widths(self) -> list[float]:
        """Of the columns, in characters."""
        found: list[float] = []
        for one in self.root.iter(f"{_MAIN}col"):
            alike = int(one.attrib["max"]) - int(one.attrib["min"]) + 1
            found += [float(one.attrib["width"])] * alike
        return found

    def has(self, path: str) -> bool:
        return self.root.find("/".join(f"{_MAIN}{one}" for one in path.split("/"))) is not None

    def attributes(self, path: str) -> dict[str, str]:
        found = self.root.find("/".join(f"{_MAIN}{one}" for one in path.split("/")))
        assert found is not None, path
        return found.attrib


def sheets(place: Path) -> list[Sheet]:
    with zipfile.ZipFile(place) as book:
        names = [one.attrib["name"] for one in _read(book, "xl/workbook.xml").iter(f"{_MAIN}sheet")]
        return [
            _sheet(name, _read(book, f"xl/worksheets/sheet{n}.xml"))
            for n, name in enumerate(names, 1)
        ]


def _read(book: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(book.read(name))  # noqa: S314 -- the test made it


def _sheet(name: str, root: ET.Element) -> Sheet:
    cells: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for cell in root.iter(f"{_MAIN}c"):
        place = cell.attrib["r"]
        kinds[place] = cell.attrib.get("t", "n")
        if cell.find(f"{_MAIN}f") is not None:
            kinds[place] = "formula"
        texts = [one.text or "" for one in cell.iter(f"{_MAIN}t")]
        value = cell.find(f"{_MAIN}v")
        cells[place] = (
            plain("".join(texts)) if texts else (value.text or "") if value is not None else ""
        )
    return Sheet(name, cells, kinds, root)


def plain(text: str) -> str:
    """A text without the escapes of ECMA-376, 22.9.2.19 (ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
