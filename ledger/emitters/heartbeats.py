"""Signs of life of emitters: the last heartbeat, and the last transfer accepted of each source.

They are no events: a row an emitter and a row a source, moved forward, and nothing grows. Who
reads them learns how it stands now; nothing is decided from them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import args_row

from ledger.emitters.liveness import AcceptedSource
from ledger.store.connections import Connections

NOTED_EVERY: Final = timedelta(minutes=1)
"""How far `last_at` may be behind: a process notes a source once in this time."""

_BEAT: LiteralString = """
    INSERT INTO ledger.heartbeats AS h (emitter, beat_at) VALUES (%b, %b)
    ON CONFLICT (emitter) DO UPDATE SET beat_at = greatest(h.beat_at, EXCLUDED.beat_at)
"""
_ACCEPTED: LiteralString = """
    INSERT INTO ledger.accepted_sources AS s (source, first_at, last_at) VALUES (%b, %b, %b)
    ON CONFLICT (source) DO UPDATE
       SET first_at = least(s.first_at, EXCLUDED.first_at),
           last_at = greatest(s.last_at, EXCLUDED.last_at)
"""
_BEATS: LiteralString = "SELECT emitter, beat_at FROM ledger.heartbeats"
_SOURCES: LiteralString = """
    SELECT source, first_at, last_at FROM ledger.accepted_sources ORDER BY source
"""


class Heartbeats:
    """Notes and reads signs of life. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        writer, reader: connections of those roles.
    """

    def __init__(self, writer: Connections, reader: Connections) -> None:
        self._writer = writer
        self._reader = reader
        self._noted: dict[str, datetime] = {}

    def beat(self, emitter: UUID, at: datetime) -> None:
        """The emitter, named by its stream, says that it lives."""
        # Once more after a lost connection: a row only moves forward.
        self._writer.read(lambda c: c.execute(_BEAT, (emitter, at)))

    def is_due(self, source: str, at: datetime) -> bool:
        """Whether an acceptance at `at` has to be noted, or was just before."""
        noted = self._noted.get(source)
        return noted is None or at - noted >= NOTED_EVERY

    def accepted(self, source: str, at: datetime) -> None:
        """Transfers of a sender that is bound to `source` were accepted."""
        self._writer.read(lambda c: c.execute(_ACCEPTED, (source, at, at)))
        self._noted[source] = at

    def beats(self) -> Mapping[UUID, datetime]:
        """The stream of an emitter → its last heartbeat."""
        rows = self._reader.read(lambda c: c.execute(_BEATS).fetchall())
        return dict(rows)

    def sources(self) -> list[AcceptedSource]:
        """Every source from which transfers were accepted, by name."""
        return self._reader.read(
            lambda c: c.cursor(row_factory=args_row(AcceptedSource)).execute(_SOURCES).fetchall()
        )
