"""Small inputs that cost much to read, made by functions: nothing large lies in the repository."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import shake_256
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal
from zipfile import ZipFile, ZipInfo

from api.resources.bulk.parts.decompression import zstd
from api.resources.registers.cells import letters
from tests.registers.writing import MAIN, RELS, handmade, sheet_xml

Made = Callable[[Path], object]
Reader = Literal["gzip", "zstd", "body", "transfer", "register", "file", "bag"]
MIB: Final = 1 << 20
BODY_BYTES: Final = 5 * MIB
"""What a request may have."""


pa: Any = import_module("pyarrow")  # it has no types
pq: Any = import_module("pyarrow.parquet")


@dataclass(frozen=True, slots=True)
class Bomb:
    """One input.

    Attributes:
        ending: of the file's name.
        reader: by what it is read.
        code: of the problem with which it ends.
        make: writes it.
    """

    ending: str
    reader: Reader
    code: str
    make: Made


gz, zst = partial(Bomb, ".gz", "gzip"), partial(Bomb, ".zst", "zstd")
body, transfer = partial(Bomb, ".json", "body"), partial(Bomb, ".json", "transfer")
book, table = partial(Bomb, ".xlsx", "register"), partial(Bomb, ".csv", "register")
parquet, ndjson = partial(Bomb, ".parquet", "file"), partial(Bomb, ".ndjson", "file")


def _bytes(made: Callable[[], bytes]) -> Made:
    return lambda path: path.write_bytes(made())


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


_SKIPPED: Final = b"\x50\x2a\x4d\x18" + bytes(4)


def _repeated(unit: bytes, size: int = 16 * MIB) -> bytes:
    return unit * (size // len(unit))


def _frame_of_window(log: int) -> bytes:
    """A frame that states a window of 2**log bytes, and no size, and an empty last block."""
    return b"\x28\xb5\x2f\xfd" + bytes([0, (log - 10) << 3]) + b"\x01\x00\x00"


PARTS: Final[Mapping[str, Bomb]] = {
    "ten gigabytes of zeros in members": gz(
        "expands_too_much", _bytes(lambda: _gzip(bytes(16 * MIB)) * 640)
    ),
    "a gzip within a gzip of zeros": gz(
        "expands_too_much", _bytes(lambda: _gzip(_gzip(bytes(16 * MIB)) * 200))
    ),
    "800,000 empty members": gz("too_many_frames", _bytes(lambda: _repeated(_gzip(b"")))),
    "1.8 million empty frames": zst(
        "too_many_frames", _bytes(lambda: _repeated(zstd.compress(b"")))
    ),
    "two million frames to be skipped": zst("too_many_frames", _bytes(lambda: _repeated(_SKIPPED))),
    "a window of a gigabyte": zst("damaged", _bytes(lambda: _frame_of_window(30))),
    "ten gigabytes of zeros in frames": zst(
        "expands_too_much", _bytes(lambda: zstd.compress(bytes(16 * MIB)) * 640)
    ),
}


def _list(name: bytes, element: bytes) -> bytes:
    count = (BODY_BYTES - 100) // (len(element) + 1)
    return b'{"%s":[%s]}' % (name, b",".join([element] * count))


BODIES: Final[Mapping[str, Bomb]] = {
    "arrays 100,000 deep": body("NOT_JSON", _bytes(lambda: b"[" * 100_000)),
    "objects a million deep": body("NOT_JSON", _bytes(lambda: b'{"a":' * 1_000_000)),
    "a number of 16 MB": body("NOT_JSON", _bytes(lambda: b"1" * (16 * MIB))),
    "an escape and a number of 16 MB": body(
        "NOT_JSON", _bytes(lambda: b'["\\u003a",' + b"1" * (16 * MIB) + b"]")
    ),
    "a text of 16 MB without an end": body("NOT_JSON", _bytes(lambda: b'"' + b"a" * (16 * MIB))),
    "a million persons who are none": transfer(
        "SCHEMA", _bytes(lambda: _list(b"principals", b"{}"))
    ),
    "two million items that are no texts": transfer(
        "SCHEMA", _bytes(lambda: _list(b"items", b"1"))
    ),
    "half a million members that nobody knows": transfer(
        "SCHEMA",
        _bytes(lambda: b"{%s}" % b",".join(b'"%x":1' % n for n in range(BODY_BYTES // 10))),
    ),
    "half a million lists for one of texts": transfer(
        "SCHEMA",
        _bytes(lambda: b'{"items":[%s]}' % b",".join(b"[%d]" % n for n in range(BODY_BYTES // 9))),
    ),
}


def _workbook(sheet: Callable[[], str], parts: Callable[[], dict[str, str]] = dict) -> Made:
    return lambda path: handmade(path, sheet(), parts())


def _sheet(before: str, unit: str, after: str, size: int = 64 * MIB) -> Made:
    """A workbook whose sheet is `before`, then `unit` as often as `size` takes, then `after`."""
    return _workbook(lambda: before + unit * (size // len(unit)) + after)


def _poor(sheet: str) -> str:
    """The same with a comment that hardly compresses: the ratio does not give it away."""
    noise = shake_256(b"x").hexdigest(1_000_000)
    return sheet.replace(_END, f"<!--{noise}-->{_END}")


def _rows() -> str:
    return "".join(f'<row r="{n}"/>' for n in range(1, 1_048_577))


def _merged(*ranges: str) -> Made:
    cells = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    tail = f"</sheetData><mergeCells>{cells}</mergeCells></worksheet>"
    return _workbook(lambda: _BEGIN + _rows() + tail)


def _columns(count: int) -> list[str]:
    return [letters(number) for number in range(count)]


def _many_parts(path: Path) -> None:
    handmade(path, sheet_xml())
    with ZipFile(path, "a") as package:
        for n in range(60_000):
            package.writestr(ZipInfo(f"{n:x}"), b"")


def _texts(count: int) -> Iterator[str]:
    """The longest texts that a cell can have, four bytes a character, none like another."""
    for n in range(count):
        noise = shake_256(b"%d" % n).hexdigest(200)
        yield f"\U0002000b{noise}".ljust(32_767, "a")


def _row_of_texts() -> str:
    cells = "".join(f'<c t="str"><v>{one}</v></c>' for one in _texts(2_500))
    return f"{_BEGIN}<row>{cells}</row>{_END}"


def _shared_row() -> str:
    """A row whose cells are all the one longest text."""
    return _BEGIN + "<row>" + '<c t="s"><v>0</v></c>' * 16_384 + "</row>" + _END


_BEGIN: Final = f"<worksheet {MAIN}><sheetData>"
_END: Final = "</sheetData></worksheet>"
_ENTITIES: Final = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10)
)
_STYLES: Final = (
    f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="x/worksheet" '
    'Target="worksheets/sheet1.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/>'
    "</Relationships>"
)

REGISTERS: Final[Mapping[str, Bomb]] = {
    "a text of 64 MB": book(
        "EXPANDS_TOO_MUCH",
        _workbook(
            sheet_xml,
            lambda: {"xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{'a' * 64 * MIB}</t></si></sst>"},
        ),
    ),
    "five million texts that nothing shows": book(
        "EXPANDS_TOO_MUCH",
        _workbook(
            sheet_xml,
            lambda: {"xl/sharedStrings.xml": f"<sst {MAIN}>{'<si><t>a</t></si>' * 5_000_000}"},
        ),
    ),
    "entities within entities": book(
        "XML_NOT_ALLOWED",
        _workbook(lambda: f"<!DOCTYPE x [{_ENTITIES}]>{_BEGIN}<row><c><v>&e9;</v></c></row>{_END}"),
    ),
    "a cell in the last corner": book(
        "",
        _workbook(lambda: f'{_BEGIN}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>{_END}'),
    ),
    "one merged area over a whole sheet of rows": book("MERGED_TOO_MUCH", _merged("A1:XFD1048576")),
    "a hundred thousand merged areas over each other": book(
        "MERGED_TOO_MUCH", _merged(*["A1:A1048576"] * 100_000)
    ),
    "a merged area that ends before it begins": book("DAMAGED", _merged("B2:A1")),
    "elements ten million deep": book("EXPANDS_TOO_MUCH", _sheet(_BEGIN, "<a>", _END, 32 * MIB)),
    "elements 100,000 deep": book("TOO_COMPLEX", _sheet(_BEGIN, "<a>", _END, 300_000)),
    "an attribute of 3 MB": book(
        "TOO_COMPLEX", _sheet(f'{_BEGIN}<row r="', "1", f'"/>{_END}', 3 * MIB)
    ),
    "a comment of 2 MB that does not compress": book(
        "TOO_COMPLEX", _workbook(lambda: _poor(_BEGIN + _END))
    ),
    "a format of a million brackets": book(
        "",
        _workbook(
            sheet_xml,
            lambda: {
                "xl/_rels/workbook.xml.rels": _STYLES,
                "xl/styles.xml": f'<styleSheet {MAIN}><numFmt numFmtId="200" '
                f'formatCode="{"[" * 1_000_000}"/></styleSheet>',
            },
        ),
    ),
    "a hundred thousand sheets": book(
        "TOO_COMPLEX",
        _workbook(
            sheet_xml,
            lambda: {
                "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="x">'
                + '<sheet name="a" r:id="r1"/>' * 100_000
                + "</workbook>"
            },
        ),
    ),
    "a row of 2,500 of the longest texts": book("READING_STOPPED", _workbook(_row_of_texts)),
    "a row whose 16,384 cells share the longest text": book(
        "",
        _workbook(
            _shared_row,
            lambda: {
                "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{next(_texts(1))}</t></si></sst>"
            },
        ),
    ),
    "areas merged over each other along a row": book(
        "",
        _workbook(
            lambda: (
                f'{_BEGIN}<row><c t="str"><v>a</v></c></row></sheetData><mergeCells>'
                + "".join(f'<mergeCell ref="{a}1:{b}1"/>' for a, b in pairwise(_columns(16_384)))
                + "</mergeCells></worksheet>"
            )
        ),
    ),
    "60,000 parts": book("TOO_LARGE", _many_parts),
    "a CSV with one cell of 64 MB": table(
        "ROW_TOO_LONG", _bytes(lambda: b'a,b\n"' + b"x" * 64 * MIB)
    ),
    "a CSV with a million columns": table("ROW_TOO_LONG", _bytes(lambda: b"," * 1_000_000 + b"\n")),
}


def _parquet(**columns: Callable[[], object]) -> Made:
    def made(path: Path) -> None:
        table = pa.table({name.replace("__", "."): column() for name, column in columns.items()})
        pq.write_table(table, path, compression="zstd")

    return made


def _repeat(text: str, count: int) -> Callable[[], object]:
    return lambda: pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), [text])


def _footer(path: Path) -> None:
    """A file whose footer states two billion rows."""
    _parquet(source=_repeat("s", 300), id=_repeat("1", 300))(path)
    content = path.read_bytes()
    honest, lie = b"\xd8\x04", b"\xd8\x84\x80\x80\x08"
    size = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - size : -8].replace(honest, lie)
    assert lie in footer, "300 is there, as the format writes it"
    head = content[: -8 - size]
    path.write_bytes(head + footer + len(footer).to_bytes(4, "little") + b"PAR1")


FILES: Final[Mapping[str, Bomb]] = {
    "a text of 1 MB in each of 2,000 rows, by a dictionary": parquet(
        "READING_STOPPED",
        _parquet(
            source=_repeat("s", 2_000), id=_repeat("1", 2_000), purpose=_repeat("x" * MIB, 2_000)
        ),
    ),
    "one text of 500 MB": parquet(
        "READING_STOPPED",
        _parquet(source=_repeat("s", 1), id=_repeat("1", 1), purpose=lambda: ["x" * 500 * MIB]),
    ),
    "a list of 30 million": parquet(
        "READING_STOPPED",
        _parquet(
            source=_repeat("s", 1),
            id=_repeat("1", 1),
            items=lambda: pa.ListArray.from_arrays(
                pa.array([0, 30_000_000], pa.int32()), pa.nulls(30_000_000, pa.string())
            ),
        ),
    ),
    "ten million rows of nothing": parquet(
        "TOO_MANY_ROWS",
        _parquet(
            source=lambda: pa.nulls(10_000_000, pa.string()),
            id=lambda: pa.nulls(10_000_000, pa.string()),
        ),
    ),
    "a footer that lies on the number of rows": parquet("TOO_MANY_ROWS", _footer),
    "NDJSON with a line of 64 MB": ndjson("", _bytes(lambda: b'{"id":"' + b"x" * 64 * MIB)),
}
