"""A ledger on a server of its own, in files that can be searched, with canaries in all it holds."""

import io
import logging
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import pyrage

from api.observability.logs import JsonLogFormatter
from api.server.key_ring_check import rotate
from api.server.secrets import make_secrets
from api.settings.settings import Settings
from ledger.clock import JAPAN
from ledger.crypto.encoding import context
from ledger.crypto.epoch import EpochMasters, opened
from ledger.crypto.keys import KeyRow
from ledger.crypto.rotation import Rotation
from ledger.crypto.sealed_parts import open_part
from ledger.format.header import read_header
from ledger.retention.journal_file import Journal
from tests.canary import CONTRACT, EVIDENCE, MAIL, MEMBER, NAME, OTHER_MEMBER, OTHER_NAME, traces
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import PERSON, REMOVED, SOURCE, provision, receipt
from tests.journals import journal_in

RECORDED: Final = date(2026, 11, 24)
NEIGHBOUR: Final = "N-1"
BESIDE: Final = "隣家 花子"
"""Somebody whose record lives on among the others: the identifier, and a name that is no canary."""

PEOPLE: Final = (
    ("member", MEMBER),
    ("contract", CONTRACT),
    ("mail", MAIL),
    ("member", OTHER_MEMBER),
)
_A: Final = {"scheme": "member", "id": MEMBER}
_B: Final = {"scheme": "contract", "id": CONTRACT}
# So many that their record is kept in chunks beside its row.
_MANY: Final = [{**_A, "id": f"{MEMBER}-{n}", "name": NAME} for n in range(60)]

_PARTS: Final = """
    SELECT s.position, e.state, s.part, s.key_id
      FROM ledger.sealed_parts AS s JOIN ledger.events AS e ON e.notification_id = s.position
     WHERE s.n = 0 ORDER BY s.position
"""
_KEYS: Final = "SELECT key_id, key_class, day, owner, epoch, wrapped FROM ledger.data_keys"


@dataclass(slots=True)
class Clock:
    """It is 10:00 in Japan, or some minutes later."""

    day: date = RECORDED
    minutes: int = 0

    def now(self) -> datetime:
        return datetime.combine(self.day, time(10, self.minutes), JAPAN).astimezone(UTC)


@dataclass(slots=True)
class Place:
    """Where the ledger's secrets, copies and journal are; masters in a folder, as in production."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    identity: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        secret, masters = make_secrets(self.folder / "sealed", RECORDED)
        (self.folder / "escrow").mkdir()
        self.settings = Settings.from_environment(
            {
                "LEDGER_NAME": LEDGER_NAME,
                "LEDGER_HOME": str(self.folder / "home"),
                "LEDGER_JOURNAL_DIR": str(self.folder / "journal"),
                "LEDGER_SECRET_FILE": str(secret),
                "LEDGER_EPOCH_MASTER_DIR": str(masters),
                "LEDGER_ESCROW_RECIPIENT": str(self.identity.to_public()),
                "LEDGER_ESCROW_DIR": str(self.folder / "escrow"),
                "LEDGER_METRICS_ON_LOOPBACK": "true",
            }
        )
        self.journal.begin(UUID(int=7, version=4), self.clock.now())

    @property
    def journal(self) -> Journal:
        assert self.settings.secret is not None
        return journal_in(self.folder / "journal", secret=self.settings.secret)

    @property
    def data(self) -> Path:
        """The data folder of the server."""
        [found] = (self.folder / "home").glob("postgres-*")
        return found

    def rotate(self, database: Database) -> Rotation:
        """What `ledger keys rotate` does today."""
        return rotate(self.settings, database.urls, self.clock.day, confirmed=True)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the tables hold as ciphertext at one time.

    Attributes:
        parts: position → (header, sealed part, key id).
        keys: id → row of the key ring.
        quarantined: sealed items.
    """

    parts: Mapping[int, tuple[bytes, bytes, bytes]]
    keys: Mapping[bytes, KeyRow]
    quarantined: tuple[bytes, ...]

    def of(self, ids: set[bytes]) -> "Sealed":
        """Only what these keys seal."""
        parts = {position: one for position, one in self.parts.items() if one[2] in ids}
        keys = {key_id: row for key_id, row in self.keys.items() if key_id in ids}
        return replace(self, parts=parts, keys=keys)

    def under(self, epoch: str) -> "Sealed":
        """The same, as if another master had wrapped the keys."""
        keys = {key_id: replace(row, epoch=epoch) for key_id, row in self.keys.items()}
        return replace(self, keys=keys)

    def naming_canaries(self, masters: EpochMasters) -> set[bytes]:
        """The keys that seal anything about one; rejected items are all about one."""
        found = {row.key_id for row in self.keys.values() if row.key_class == "quarantine"}
        for position, (_, _, key_id) in self.parts.items():
            if traces(self.opened(position, masters)):
                found.add(key_id)
        return found

    def texts(self) -> Iterator[bytes]:
        """Every ciphertext: sealed parts, sealed items, wrapped keys."""
        yield from (part for _, part, _ in self.parts.values())
        yield from self.quarantined
        yield from (row.wrapped for row in self.keys.values())

    def opened(self, position: int, masters: EpochMasters) -> bytes:
        """What the part at `position` says, opened by its key under its epoch's master."""
        state, part, key_id = self.parts[position]
        key = opened(self.keys[key_id], LEDGER_NAME, masters)
        header = read_header(state)
        place = context(LEDGER_NAME, header.stream, header.version)
        return open_part(key, place, header.type, part)


def sealed(database: Database) -> Sealed:
    """What the tables hold now."""
    with psycopg.connect(database.admin) as admin:
        cursor = admin.cursor(binary=True)
        parts = {row[0]: row[1:] for row in cursor.execute(_PARTS.encode())}
        keys = {row[0]: KeyRow(*row) for row in cursor.execute(_KEYS.encode())}
        items = cursor.execute("SELECT sealed FROM ledger.quarantine WHERE sealed IS NOT NULL")
        return Sealed(parts, keys, tuple(row[0] for row in items))


def record_canaries(corridor: Corridor) -> None:
    """Name canaries in everything that is kept, among records of the neighbour."""
    day = RECORDED.isoformat()
    made = [
        corridor.record(one)
        for one in (
            _message("s-open", NEIGHBOUR, None),
            provision(principals=[PERSON, {**_B, "name": OTHER_NAME}], transferred_on=day),
            provision(transferred_on="2026-10-01", recorded_on=day),
            receipt(transferred_on=day),
            provision(principals=_MANY, transferred_on=day),
            _message("s-closed", MEMBER, day),
        )
    ]
    first, second = (f"/v1/transfers/{made[n]['transfer']}" for n in (1, 3))
    changes = {"principals": [{**_A, "name": OTHER_NAME}, _B], "items": ["氏名"]}
    other = {"scheme": "mail", "id": MAIL}
    for path, body in (
        (f"{first}/corrections", {"changes": changes, "reason": EVIDENCE}),
        (f"{second}/retraction", {"reason": "not_occurred", "note": EVIDENCE}),
        ("/v1/links", {"a": _A, "b": _B, "evidence": EVIDENCE}),
        ("/v1/links", {"a": _A, "b": other, "evidence": EVIDENCE}),
        ("/v1/unlinks", {"a": _A, "b": other, "evidence": EVIDENCE}),
        ("/v1/directives", {"principal": _A, "kind": "opt_out_stop", "day": day}),
        ("/v1/renames", {"principal": _A, "name": OTHER_NAME}),
    ):
        corridor.officer(path, body)
    corridor.record(_message("s-open", NEIGHBOUR, None))
    wrong = {"source": SOURCE, "id": fresh_id(), "data": provision(transferred_on=NAME)}
    assert corridor.send(wrong).status == 422
    look = corridor.look(("member", MEMBER), ("member", OTHER_MEMBER), case=EVIDENCE)
    assert look.status == 200


def _message(series: str, who: str, until: str | None) -> dict[str, Any]:
    """A collective record, open where there is no last day."""
    period = {"transferred_from": RECORDED.isoformat(), "transferred_to": until}
    principals = [{"scheme": "member", "id": who, "name": NAME if who == MEMBER else BESIDE}]
    members = {"method": "collective", "series_id": series, "transferred_on": REMOVED, **period}
    return provision(principals=principals, **members)


@contextmanager
def logged() -> Generator[io.StringIO]:
    """What a process of the ledger logs."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLogFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
