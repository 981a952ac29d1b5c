"""Makes golden bags of the newest format: `python -m tests.exports.making_golden FOLDER`.

They are made by the product and kept in the repository: a verifier must accept them for ever. One
that is made anew differs in bytes, because salts are random.
"""

import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from api.resources.exports.export_run import further
from api.resources.exports.workbook_beside import open_workbook
from ledger.exports.bag import zipped
from ledger.exports.export_request import ExportRequest, SignedCheckpoint
from ledger.exports.exporter import Exporter
from ledger.exports.filters import Filters
from ledger.values import PrincipalRef
from tests.database import Server, cloned_database, running_server
from tests.exports.test_destroyed import put_bulk
from tests.exports.world import EXPORT, SEED, WHY, World, place_of, stamp_on, world
from tests.ledger.given import AT, data
from tests.log.authority import TestedAuthority
from tests.retaining.keeper import Keeper, keeper

KINDS: Final[Mapping[str, dict[str, Any]]] = {
    "plain": {},
    "attested": {},
    "whole": {"whole": True, "reason": WHY},
    "named": {"whole": True, "identified": True, "reason": WHY},
    "asked": {"bases": ("consent_27_1",), "last": date(2026, 4, 30), "whole": True, "reason": WHY},
    "person": {"person": (PrincipalRef("member", "P2"),), "case": "2026-1", "reason": WHY},
}
"""Bags of `World.fill`, by name."""
KEPT: Final[Mapping[str, dict[str, Any]]] = {
    "kept": {"whole": True, "reason": WHY},
    "kept-plain": {},
}
"""Bags of records of which some were destroyed, and some carried forward; `before`: not yet."""
BULK: Final[Mapping[str, dict[str, Any]]] = {
    "bulk": {"whole": True, "reason": WHY},
    "bulk-plain": {},
}
"""Bags of a transfer of many persons, recorded in parts, and of another one; `begun`: not all."""


def _bag(
    made: World, kind: str, filters: dict[str, Any], signed: SignedCheckpoint | None = None
) -> None:
    """Without the cover report, which is larger than all else."""
    asked = ExportRequest(EXPORT, Filters(**filters), AT, SEED, {"laws": []})
    exporter = Exporter(made.house.house.streams, further(made.house.ledger)[:1], open_workbook)
    path = made.folder / kind
    exporter.make(asked, signed or made.signed(), path, lambda _done, _total: None)
    zipped(path, made.folder / place_of(kind).name)
    shutil.rmtree(path)


@contextmanager
def _kept(server: Server) -> Generator[Keeper]:
    """One destroyed, one carried forward for one of its persons, one as a whole, one young."""
    with cloned_database(server) as database, keeper(database) as made:
        made.on("2024-04-01")
        made.sent("gone", "P1", recorded_on="2024-04-01")
        made.sent("held for one", "P2", "P3", "P4", recorded_on="2024-04-01")
        held = made.sent("held", "P6", recorded_on="2024-04-01")
        made.hold("訴訟", "P3")
        made.hold("訴訟", transfer=held)
        made.on("2026-04-01")
        made.sent("later", "P5")
        yield made


def make(folder: Path) -> None:
    """Make all of them in `folder`."""
    with running_server() as server:
        with cloned_database(server) as database, world(database, folder) as made:
            made.fill()
            authority = TestedAuthority(folder)
            for kind, filters in KINDS.items():
                stamp = stamp_on(authority, made.signed(6).note)
                _bag(made, kind, filters, made.attested(stamp) if kind == "attested" else None)
        with _kept(server) as kept:
            made = World(kept.inside, folder)
            _bag(made, "before", KEPT["kept"])
            kept.on("2027-04-02")
            kept.purge()
            for kind, filters in KEPT.items():
                _bag(made, kind, filters)
        make_bulk(server, folder)


def make_bulk(server: Server, folder: Path) -> None:
    """Make those of a transfer in parts."""
    with cloned_database(server) as database, world(database, folder) as made:
        put_bulk(made.house)
        made.house.record("t1", data("B1"))
        for kind, filters in BULK.items():
            _bag(made, kind, filters)
    with cloned_database(server) as database, world(database, folder) as made:
        put_bulk(made.house, is_ended=False)
        made.house.record("t1", data("B1"))
        _bag(made, "begun", BULK["bulk"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as meanwhile:
        make(Path(meanwhile))
        for one in Path(meanwhile).glob("*.zip"):
            shutil.copy(one, sys.argv[1])
