"""What was begun, in the journal beside the file.

`begun` says of which file and which transfer; `announcing`, before it is announced, under which key
and what; `announced` the id of the bulk transfer; `refused` the lines that the ledger did not take;
`over` is the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.imports.as_one.survey import Defects
from api.imports.journal import Entry
from ledger.errors import Defect
from ledger.values import Json

Report = Mapping[str, Json]
PLACES: Final = frozenset({"", "/scheme", "/id", "/name"})
"""Members of a line that may be named: what else it calls a member may be a person's data."""


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

    def apply(self, entry: Entry) -> None:
        """Note one step."""
        if "announcing" in entry:
            self.announced = AnnouncedImport(entry["announcing"], entry["sha256"], entry["counts"])
            self.leaves_out = self.leaves_out or bool(entry["leaves_out"])
        elif "announced" in entry:
            one = self.announced
            if one is None:
                raise KeyError("announcing")
            self.announced = AnnouncedImport(one.key, one.sha256, one.counts, entry["announced"])
        elif "gone" in entry:
            self.announced = None
        elif "refused" in entry:
            for line, pointer, code, detail in entry["refused"]:
                found = self.refused.get(int(line), ())
                self.refused[int(line)] = (*found, Defect(pointer, code, detail))
        else:
            self.report = entry["over"]


def refusal_of(lines: Mapping[int, Defects]) -> Entry:
    """The step that the ledger did not take these lines."""
    refused_lines = [
        [line, one.pointer if one.pointer in PLACES else "", one.code, one.detail]
        for line, found in sorted(lines.items())
        for one in found
    ]
    return {"refused": refused_lines}
