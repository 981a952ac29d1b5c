"""What a purge has left, told so that two ledgers of one origin can be compared."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from ledger.backup.agreement import agree
from ledger.retention.proved_expiries import expiries
from projections.histories import HistoryPage
from projections.verification import differences
from tests.database import Database
from tests.journals import PROVE, ROW_MAC, journal_in
from tests.ledger.inside import inside
from tests.projections.log import log_of
from tests.retaining.busy import EVERYBODY
from tests.retaining.purging import AT

# A key that the run made has another id in each ledger: it is told by its class, day and owner.
_TABLES: Final[dict[str, LiteralString]] = {
    "keys": "SELECT key_class, day, owner FROM ledger.data_keys",
    "parts": """
        SELECT s.position, s.n, s.partition, octet_length(s.part), k.key_class, k.day, k.owner
          FROM ledger.sealed_parts AS s JOIN ledger.data_keys AS k USING (key_id)
    """,
    "parts of the dead": """
        SELECT s.position FROM ledger.sealed_parts AS s
         WHERE NOT EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = s.key_id)
    """,
    "lookups": """
        SELECT l.kind, l.key, l.stream, k.key_class, k.day, k.owner
          FROM ledger.lookups AS l LEFT JOIN ledger.data_keys AS k USING (key_id)
         WHERE l.kind NOT IN ('journal', 'journal-keyed')
    """,
    "quarantine": "SELECT id FROM ledger.quarantine",
    "index": """
        SELECT principal_key, position, name_key FROM projections.entries
         UNION ALL SELECT principal_key, position, name_key FROM projections.namings
    """,
    "the other slots": """
        SELECT principal_key, position FROM projections.entries_b
         UNION ALL SELECT principal_key, position FROM projections.namings_b
         UNION ALL SELECT notice_key, position FROM projections.reliances_a
         UNION ALL SELECT notice_key, position FROM projections.reliances_b
    """,
    "partitions": """
        SELECT relname::text FROM pg_class
         WHERE relname LIKE 'sealed_parts_%' AND relkind = 'r'
    """,
    "events": """
        SELECT notification_id, originator_version, topic,
               CASE WHEN topic IN ('expiry-planned', 'exclusions-sealed') THEN NULL
                    ELSE originator_id END
          FROM ledger.events WHERE topic <> 'records-expired'
         UNION ALL
        SELECT notification_id, originator_version, topic, NULL
          FROM ledger.events WHERE topic = 'records-expired'
    """,
    "what plans and expiries say": """
        SELECT topic, convert_from(state, 'UTF8')::jsonb ->> 'facts' FROM ledger.events
         WHERE topic IN ('expiry-planned', 'records-expired')
    """,
    "copies": """
        SELECT h ->> 'copies', k.key_class, k.day, k.owner
          FROM ledger.events AS e
         CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS h) AS header
          JOIN ledger.data_keys AS k ON k.key_id = decode(h #>> '{sealed,key}', 'hex')
         WHERE topic = 'record-carried-forward'
    """,
}
_POSITIONS: LiteralString = "SELECT notification_id FROM ledger.events ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a ledger stands, as far as anybody can tell.

    Attributes:
        tables: name → rows.
        told: what each person is told, now and as of before the purge.
        expired: the keys of each `records-expired` of the purge, in order.
        erased, open: what the erasure journal says was destroyed, and what was left open.
    """

    tables: dict[str, Counter[tuple[Any, ...]]]
    told: dict[str, tuple[HistoryPage, HistoryPage]]
    expired: list[tuple[bytes, ...]]
    erased: frozenset[bytes]
    open: frozenset[bytes]


def ending(database: Database, folder: Path, before: int) -> Ending:
    """Look at a ledger after its purge; what must hold in every ledger is asserted here.

    Args:
        folder: of its erasure journal.
        before: the last position before the purge.
    """
    journal = journal_in(folder)
    with psycopg.connect(database.urls.writer, autocommit=True) as writer:
        assert agree(journal, writer, AT, PROVE, ROW_MAC) == []
    with inside(database) as made:
        made.now = AT
        head = made.follow()
        made.events()  # each part that is left opens, and is what its header says
        house = made.house
        found = differences(made.connection, log_of(house), house.secret)
        assert list(found) == [], "the index is not what the log says"
        told = {who: (made.page(who), made.page(who, as_of=before)) for who in EVERYBODY}
    with psycopg.connect(database.admin) as admin:
        positions = [row[0] for row in admin.execute(_POSITIONS)]
        assert positions == list(range(1, head + 1)), "positions are not dense"
        known = [(one.position, one.keys) for one in expiries(admin, PROVE)]
        tables = {name: Counter(admin.execute(text).fetchall()) for name, text in _TABLES.items()}
    expired = [keys for position, keys in known if position > before]
    each = [key for _, keys in known for key in keys]
    assert len(each) == len(set(each)), "a key died twice"
    assert journal.erased() == set(each), "the journal does not say what the log says"
    return Ending(tables, told, expired, frozenset(each), frozenset(journal.intended()))
