"""Plans to certify, and the certificate that stands in `certificate.json`.

`python -m tests.documents.plans` writes that file anew: do it only on purpose.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from ledger.format.events import ExpiredEvent, ExpiryEvent, ExpiryPlanned, Fact, RecordsExpired
from ledger.retention.certificate import Certificate, LogTree, certificate_of, content

GOLDEN = Path(__file__).with_name("certificate.json")
LEDGER = "みほん台帳"
PLAN = UUID("8e220124-401d-86e1-a028-8a86b48eb316")
# 23:30 in Japan: the next event is on another day there and on the same day in UTC.
PLANNED_AT = datetime(2026, 11, 24, 14, 30, 2, 120_000, tzinfo=UTC)
THROUGH = date(2026, 12, 8)
FIRST_POSITION = 1_841
KEYS_PER_EVENT_MAX = 32


def keys(count: int) -> list[bytes]:
    return sorted(sha256(b"key %d" % number).digest() for number in range(count))


def planned(named: Sequence[bytes], *, confirmed: bool = False) -> Fact[ExpiryEvent | ExpiredEvent]:
    counts = {"cases": 1, "events": 0, "holds": 2, "keys": len(named), "lookups": 0}
    if named:
        counts |= {"events": 1_234, "lookups": 5_678}
    event = ExpiryPlanned(THROUGH, tuple(named), (), (), counts, confirmed)
    return Fact(FIRST_POSITION, PLAN, 1, PLANNED_AT, "retention", event)


def expired(dead: Sequence[bytes], version: int) -> Fact[ExpiryEvent | ExpiredEvent]:
    counts = {"events": 3 * len(dead), "keys": len(dead), "lookups": 7 * len(dead)}
    return Fact(
        FIRST_POSITION + 100 * (version - 1),
        PLAN,
        version,
        PLANNED_AT + timedelta(hours=version - 1),
        "retention",
        RecordsExpired(tuple(dead), counts),
    )


def facts(dead: Sequence[bytes], named: Sequence[bytes]) -> list[Fact[ExpiryEvent | ExpiredEvent]]:
    begins = range(0, len(dead), KEYS_PER_EVENT_MAX)
    return [
        planned(named),
        *(
            expired(dead[begin : begin + KEYS_PER_EVENT_MAX], version)
            for version, begin in enumerate(begins, 2)
        ),
    ]


def certified(
    of: Sequence[Fact[ExpiryEvent | ExpiredEvent]], *, ledger: str = LEDGER, beyond: int = 0
) -> Certificate:
    tree = LogTree(of[-1].position + beyond, sha256(b"a root").digest())
    return certificate_of(of, ledger=ledger, tree=tree)


def golden() -> Certificate:
    return certified(facts(keys(34), keys(36)))


if __name__ == "__main__":
    GOLDEN.write_bytes(content(golden()))
