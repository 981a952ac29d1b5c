"""Answers to commands, kept sealed for whoever sends the same request under the same key again.

A request claims its row before it is carried out, in a transaction of its own, and with it the id
of the command that it becomes. Whoever takes over a claim, because a process died or did not learn
what became of it, takes the same command id: the log then tells whether the command stands, and
nothing is appended twice. The id is random, as an event's must be (event format, section 1): a hash
of the client's key would stay in a header for ever, and that key may name a person.

A MAC binds the command to the request (0110). A row without the right one is as if it were not
there: the request becomes a command of its own.

Source: draft-ietf-httpapi-idempotency-key-header-07; event format, section 5 (class draft).
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, LiteralString, cast
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import args_row

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.lifetimes import draft_day
from ledger.store.connections import Connections

CLAIM_AGE_MAX: Final = timedelta(minutes=2)
"""A claim that is older may be taken over: its request is settled by then, or its process died.

Taking over too early harms nobody, for both carry out the same command."""

_log: Final = logging.getLogger(__name__)
_PURPOSE: Final = "answer"
_TABLE: Final = "answers"
"""What the MAC says its row is of."""
# Each round means that the row changed between two looks at it.
_ROUNDS_MAX: Final = 8

# A row whose key is dead, or past its day, is as good as gone; but the same request, while nobody
# knows its answer, stays the same command.
_CLAIM: LiteralString = """
    INSERT INTO ledger.answers AS a
           (place, fingerprint, command, mac, claim, claimed_at, state, key_id)
    VALUES (%(place)b, %(fingerprint)b, %(command)b, %(mac)b, %(claim)b, %(at)b, 'running',
            %(key_id)b)
    ON CONFLICT (place) DO UPDATE
       SET command = CASE WHEN a.state <> 'done' AND a.fingerprint = EXCLUDED.fingerprint
                          THEN a.command ELSE EXCLUDED.command END,
           mac = CASE WHEN a.state <> 'done' AND a.fingerprint = EXCLUDED.fingerprint
                      THEN a.mac ELSE EXCLUDED.mac END,
           again = a.state IN ('running', 'failed') AND a.fingerprint = EXCLUDED.fingerprint,
           fingerprint = EXCLUDED.fingerprint, claim = EXCLUDED.claim, state = 'running',
           claimed_at = EXCLUDED.claimed_at, key_id = EXCLUDED.key_id, sealed = NULL
     WHERE a.state = 'refused'
        OR (a.fingerprint = EXCLUDED.fingerprint
            AND (a.state = 'failed' OR (a.state = 'running' AND a.claimed_at < %(stale)b)))
        OR NOT EXISTS (
           SELECT FROM ledger.data_keys AS k WHERE k.key_id = a.key_id AND k.day > %(today)b)
    RETURNING command, mac, again
"""
_OWN_COMMAND: LiteralString = """
    UPDATE ledger.answers SET command = %b, mac = %b, again = false
     WHERE place = %b AND claim = %b AND state = 'running'
"""
_ROW: LiteralString = """
    SELECT fingerprint, command, mac, again, claim, state, key_id, sealed
      FROM ledger.answers WHERE place = %b
"""
# Whoever carried the command out knows its answer, also when somebody has taken over meanwhile.
_KEEP: LiteralString = """
    UPDATE ledger.answers SET state = 'done', key_id = %b, sealed = %b
     WHERE place = %b AND command = %b AND state <> 'done'
"""
_LET_GO: LiteralString = """
    UPDATE ledger.answers SET state = %b
     WHERE place = %b AND claim = %b AND state = 'running'
"""


@dataclass(frozen=True, slots=True)
class _Row:
    fingerprint: bytes
    command: UUID
    mac: bytes | None
    again: bool
    claim: UUID
    state: str
    key_id: bytes
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request under a key.

    Attributes:
        caller: who asks.
        route: the end point.
        key: the client's key.
        content: what is asked for; the same bytes for the same request.
    """

    caller: str
    route: str
    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was sent.

    Attributes:
        headers: names and values, in their order.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out a request.

    Attributes:
        place: 16 bytes that find the row.
        claim: of this request alone.
        command: the id of the command that the request becomes.
        again: somebody carried it out before, and nobody knows whether it stands.
        key: what its answer is sealed under.
    """

    place: bytes
    claim: UUID
    command: UUID
    again: bool
    key: DataKey


class Busy(Enum):
    """Why a request is not carried out."""

    RUNNING = auto()
    """The first one of this key still runs."""
    REUSED = auto()
    """The key was used for another request, which was carried out."""
    OTHER_RUNS = auto()
    """The key was used for another request, which still runs."""
    OTHER_LOST = auto()
    """The key was used for another request; nobody knows whether it stands."""


_OTHER: Final = {"running": Busy.OTHER_RUNS, "failed": Busy.OTHER_LOST}
"""State of another request's row → what is said of it; any other one was carried out."""


class IdempotencyKeys:
    """Claims, keeps and repeats. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role writer.
    """

    def __init__(self, connections: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        self._connections = connections
        self._keys = keys
        self._secret = secret

    def claim(self, request: KeyedRequest, at: datetime) -> Claim | StoredAnswer | Busy:
        """The right to carry out the request, the answer that it had, or why there is neither.

        Raises:
            MastersUnavailableError: the epoch masters cannot be reached.
            CorruptRecordError: the answer that was kept does not open.
        """
        place = self._secret.lookup_key(
            "answer", request.caller.encode(), request.route.encode(), request.key.encode()
        )
        fingerprint = self._secret.lookup_key("request", place, request.content)
        key = self._keys.key_for("draft", day=draft_day(at))
        offered = Claim(place, random_uuid(), random_uuid(), again=False, key=key)

        def mac_of(command: UUID) -> bytes:
            return self._secret.row_mac(_TABLE, (place, fingerprint, command.bytes))

        def claimed(connection: psycopg.Connection) -> Claim | _Row | None:
            return _claimed(connection, offered, fingerprint, at, mac_of)

        for _ in range(_ROUNDS_MAX):
            # Once more after a lost connection: the row then names this very claim.
            found = self._connections.read(claimed)
            if isinstance(found, Claim):
                return found
            if found is not None:
                if found.fingerprint != fingerprint:
                    return _OTHER.get(found.state, Busy.REUSED)
                if found.state == "running":
                    return Busy.RUNNING
                if (answer := self._opened(place, found)) is not None:
                    return answer
        return Busy.RUNNING

    def keep(self, claim: Claim, answer: StoredAnswer) -> None:
        """Keep the answer to a request that was carried out."""
        head = orjson.dumps({"status": answer.status, "headers": answer.headers})
        plain = head + b"\n" + answer.body
        sealed = seal_blob(claim.key, _PURPOSE, UUID(bytes=claim.place), plain)
        row = (claim.key.id, sealed, claim.place, claim.command)
        self._connections.read(lambda c: c.execute(_KEEP, row))

    def let_go(self, claim: Claim, *, refused: bool) -> None:
        """Let others claim the request, for it has no answer to keep.

        Args:
            refused: it does not stand, so that the key is free for another request too.
        """
        state = "refused" if refused else "failed"
        self._connections.read(lambda c: c.execute(_LET_GO, (state, claim.place, claim.claim)))

    def _opened(self, place: bytes, row: _Row) -> StoredAnswer | None:
        """The answer that the row keeps; None when it keeps none, or none any more."""
        key = self._keys.open([row.key_id]).get(row.key_id)
        if row.sealed is None or key is None:
            return None
        plain = open_blob(key, _PURPOSE, UUID(bytes=place), row.sealed)
        head, _, body = plain.partition(b"\n")
        members = cast("dict[str, object]", orjson.loads(head))
        headers = cast("list[tuple[str, str]]", members["headers"])
        return StoredAnswer(
            cast("int", members["status"]), tuple((name, value) for name, value in headers), body
        )


def _claimed(
    connection: psycopg.Connection,
    offered: Claim,
    fingerprint: bytes,
    at: datetime,
    mac_of: Callable[[UUID], bytes],
) -> Claim | _Row | None:
    """The claim, or the row that stands in its way; None when that is gone again."""
    cursor = connection.cursor(binary=True)
    values = {
        "place": offered.place,
        "fingerprint": fingerprint,
        "command": offered.command,
        "mac": mac_of(offered.command),
        "claim": offered.claim,
        "at": at,
        "key_id": offered.key.id,
        "today": day_in_japan(at),
        "stale": at - CLAIM_AGE_MAX,
    }

    def believed(command: UUID, mac: bytes | None, *, again: bool) -> Claim:
        if hmac.compare_digest(mac or b"", mac_of(command)):
            return replace(offered, command=command, again=again)
        _log.warning("the command of a request has no right MAC, and is not believed")
        own = (offered.command, values["mac"], offered.place, offered.claim)
        cursor.execute(_OWN_COMMAND, own)
        return offered

    taken = cursor.execute(_CLAIM, values).fetchone()
    if taken is not None:
        command, mac, again = cast("tuple[UUID, bytes | None, bool]", taken)
        return believed(command, mac, again=again)
    rows = connection.cursor(binary=True, row_factory=args_row(_Row))
    row = rows.execute(_ROW, (offered.place,)).fetchone()
    if row is not None and row.claim == offered.claim and row.state == "running":
        # The answer to the first try was lost.
        return believed(row.command, row.mac, again=row.again)
    return row
