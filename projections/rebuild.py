"""Rebuild beside the old one, then switch."""

from typing import LiteralString

import psycopg

from projections.follower import Follower
from projections.progress import progress_of, serving

_EMPTY: dict[str, LiteralString] = {
    "a": "TRUNCATE projections.entries_a, projections.reliances_a, projections.namings_a,"
    " projections.months_a, projections.carried_a, projections.gone_a,"
    " projections.findings_a, projections.findings_keys_a, projections.belated_a,"
    " projections.days_a",
    "b": "TRUNCATE projections.entries_b, projections.reliances_b, projections.namings_b,"
    " projections.months_b, projections.carried_b, projections.gone_b,"
    " projections.findings_b, projections.findings_keys_b, projections.belated_b,"
    " projections.days_b",
}
_RESET: LiteralString = (
    "UPDATE projections.progress SET position = 0, names = NULL, findings = NULL, belated = false,"
    " days = NULL, marks = NULL WHERE slot = %s"
)
_LOCK_ALL: LiteralString = "SELECT slot FROM projections.progress ORDER BY slot FOR UPDATE"
_SERVE_BY_VIEWS: LiteralString = "SELECT projections.serve(%s)"
_RETIRE: LiteralString = "UPDATE projections.progress SET serving = false WHERE serving"
_SERVE: LiteralString = "UPDATE projections.progress SET serving = true WHERE slot = %s"
# One rebuild at a time, whoever asks for it, and none while rows of expired events are deleted. It
# needs no lease (0108): whoever loses the lock has lost the connection by which it writes.
REBUILD_LOCK = 0x70706C01


def rebuild(follower: Follower, connection: psycopg.Connection) -> int:
    """Build the slot that does not serve from nothing, switch to it, and empty the old one.

    Returns the position at the switch. The old slot serves until then and is followed meanwhile by
    whoever follows it.
    """
    connection.execute("SELECT pg_advisory_lock(%s)", (REBUILD_LOCK,))
    connection.commit()
    try:
        old = serving(connection)
        new = "b" if old == "a" else "a"
        with connection.transaction():
            connection.execute(_RESET, (new,))
            connection.execute(_EMPTY[new])
        new_follower = Follower(
            follower.connect,
            follower.facts_after,
            follower.opened,
            follower.carried,
            follower.bare,
            follower.secret,
            slot=new,
            batch_max=follower.batch_max,
            bytes_max=follower.bytes_max,
        )
        while new_follower.step(connection):
            pass
        while not _switch(connection, old, new):
            new_follower.step(connection)
        with connection.transaction():
            # The row first, as every follower: who has it just now writes into the tables yet.
            connection.execute(_RESET, (old,))
            connection.execute(_EMPTY[old])
        return progress_of(connection, new).position
    finally:
        connection.rollback()
        connection.execute("SELECT pg_advisory_unlock(%s)", (REBUILD_LOCK,))
        connection.commit()


def _switch(connection: psycopg.Connection, old: str, new: str) -> bool:
    """Let `new` serve if it is not behind `old`: no reader may see the position move back."""
    with connection.transaction():
        connection.execute(_LOCK_ALL)
        if progress_of(connection, new).position < progress_of(connection, old).position:
            return False
        connection.execute(_SERVE_BY_VIEWS, (new,))
        connection.execute(_RETIRE)
        connection.execute(_SERVE, (new,))
    return True
