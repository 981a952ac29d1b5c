"""What was begun, in the journal beside the file.

`begun` says of which file and which transfer; `announcing`, before it is announced, under which key
and what; `announced` the id of the bulk transfer; `refused` the lines that the ledger did not take;
`over` is the report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from api.imports.as_one.survey import Defects
from api.imports.errors import FileError
from api.imports.journal_folder import JournalFile, agree
from ledger.errors import Defect
from ledger.values import Json

_VERSION: Final = 1

Report = Mapping[str, Json]
PLACES: Final = frozenset({"", "/scheme", "/id", "/name"})
"""Members of a line that may be named: what else it calls a member may be a person's data."""


@dataclass(frozen=True, slots=True)
class TransferImportIdentity:
    """Which file, as which transfer, into which ledger, read how.

    Attributes:
        transfer: SHA-256 of the transfer without its persons, in hex.
        lines_max: most persons of a part, as begun.
    """

    bytes: int
    sha256: str
    transfer: str
    url: str
    format: str
    encoding: str
    lines_max: int

    @property
    def told(self) -> dict[str, Json]:
        """As it is kept."""
        return {
            "version": _VERSION,
            "as_one": self.transfer,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "url": self.url,
            "format": self.format,
            "encoding": self.encoding,
            "lines_max": self.lines_max,
        }


@dataclass(frozen=True, slots=True)
class AnnouncedImport:
    """What is announced, or being so.

    Attributes:
        key: of the request: repeated, it announces nothing twice.
        sha256: over its parts, in hex.
        counts: what the report says of the file: `lines`, `blank`, `left_out`.
        bulk: its id; None while nobody knows whether it was announced.
    """

    key: str
    sha256: str
    counts: Report
    bulk: str | None = None


@dataclass(slots=True)
class ImportState:
    """How far it is.

    Attributes:
        leaves_out: whether something was announced without the bad lines.
        refused: lines that the ledger did not take, by their numbers.
        report: once it is over.
    """

    announced: AnnouncedImport | None = None
    leaves_out: bool = False
    refused: dict[int, Defects] = field(default_factory=dict[int, Defects])
    report: Report | None = None


class Steps:
    """The journal of one import, held by one process at a time.

    Args:
        identity: of this call.

    Raises:
        FileError: the folder is of another import, damaged, or held by another process.
    """

    def __init__(self, folder: Path, identity: TransferImportIdentity) -> None:
        self._diary = JournalFile(folder)
        try:
            self.standing, begun = _read(self._diary.entries())
            self.lines_max = identity.lines_max
            if begun is not None:
                agree(begun, identity.told)
                self.lines_max = cast("int", begun["lines_max"])
            self._diary.go_on(identity.told)
        except BaseException:
            self._diary.close()
            raise

    def close(self) -> None:
        """Let the next process have it."""
        self._diary.close()

    def announcing(self, announced: AnnouncedImport, *, leaves_out: bool) -> None:
        """It is announced now. On disk when this returns, as of all steps."""
        self._add(
            {
                "announcing": announced.key,
                "sha256": announced.sha256,
                "counts": announced.counts,
                "leaves_out": leaves_out,
            }
        )

    def announced(self, bulk: str) -> None:
        """It was announced under this id."""
        self._add({"announced": bulk})

    def gone(self) -> None:
        """The ledger does not know it any more."""
        self._add({"gone": True})

    def refused(self, lines: Mapping[int, Defects]) -> None:
        """The ledger did not take these lines."""
        told = [
            [line, one.pointer if one.pointer in PLACES else "", one.code, one.detail]
            for line, found in sorted(lines.items())
            for one in found
        ]
        self._add({"refused": told})

    def over(self, report: Report) -> None:
        """It came to its end."""
        self._add({"over": report})

    def _add(self, entry: Mapping[str, Any]) -> None:
        self._diary.add(entry)
        _apply(self.standing, entry)


def _read(
    entries: Iterable[Mapping[str, Any]],
) -> tuple[ImportState, Mapping[str, Json] | None]:
    standing, begun, is_empty = ImportState(), None, True
    for entry in entries:
        is_empty = False
        if "begun" in entry:
            begun = cast("Mapping[str, Json]", entry["begun"])
            continue
        try:
            _apply(standing, entry)
        except (ValueError, TypeError, KeyError):
            if begun is None or "as_one" in begun:
                raise FileError("JOURNAL_DAMAGED") from None
    if begun is None and not is_empty:
        raise FileError("JOURNAL_DAMAGED")
    return standing, begun


def _apply(standing: ImportState, entry: Mapping[str, Any]) -> None:
    """Note one step.

    Raises:
        KeyError: it is none, or incomplete; ValueError, TypeError: its values are none.
    """
    if "announcing" in entry:
        standing.announced = AnnouncedImport(entry["announcing"], entry["sha256"], entry["counts"])
        standing.leaves_out = standing.leaves_out or bool(entry["leaves_out"])
    elif "announced" in entry:
        one = standing.announced
        if one is None:
            raise KeyError("announcing")
        standing.announced = AnnouncedImport(one.key, one.sha256, one.counts, entry["announced"])
    elif "gone" in entry:
        standing.announced = None
    elif "refused" in entry:
        for line, pointer, code, detail in entry["refused"]:
            found = standing.refused.get(int(line), ())
            standing.refused[int(line)] = (*found, Defect(pointer, code, detail))
    else:
        standing.report = entry["over"]
