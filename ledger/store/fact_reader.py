"""Opens what was read: decodes facts under the keys that live, and refuses a part that is missing.

Source: `docs/reference/event-format.md`, sections 5 and 9.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import cast

from ledger.crypto.keyring import KeyRing
from ledger.errors import CorruptRecordError
from ledger.format.decoder import open_event
from ledger.format.envelope import Header, OpenEvent, StoredFact
from ledger.format.header import read_header


def bare(stored: Sequence[StoredFact], ledger: str) -> list[OpenEvent]:
    """The events with their headers alone."""
    return [open_event(replace(one, sealed=None), {}, ledger) for one in stored]


def open_all(
    stored: Sequence[StoredFact],
    keys: KeyRing,
    ledger: str,
    *,
    verify: bool,
    read_again: Callable[[Sequence[int]], Sequence[StoredFact]] | None,
) -> list[OpenEvent]:
    """Decode many events with one look at the key ring. `verify` as in `open_event`.

    Args:
        read_again: the facts at these positions, read now: a statement that was planned before a
            partition of `sealed_parts` was attached, and ran after, reads events without their
            parts. None: a part that is missing while its key stands is no fault here.

    Raises:
        CorruptRecordError: a part is missing while its key stands, or does not open.
    """
    headers = [read_header(fact.header) for fact in stored]
    pairs = list(zip(stored, headers, strict=True))
    if read_again is not None and (holes := _holes(pairs, keys)):
        found = {fact.position: fact for fact in read_again(holes)}
        pairs = [(found.get(fact.position, fact), header) for fact, header in pairs]
        if holes := _holes(pairs, keys):
            raise CorruptRecordError("the sealed part is missing, though its key stands", holes[0])
    key_ids = {header.sealed_key for fact, header in pairs if fact.sealed is not None} - {None}
    live_keys = keys.open(cast("set[bytes]", key_ids)) if key_ids else {}
    return [
        open_event(fact, live_keys, ledger, verify=verify, header=header) for fact, header in pairs
    ]


def _holes(pairs: Iterable[tuple[StoredFact, Header]], keys: KeyRing) -> list[int]:
    """Where a sealed part is missing while its key stands: they die in one transaction.

    The table is asked after the part was looked for: a row in it then proves that the key did not
    die before. What the ring remembers of another process's keys is up to five minutes old.
    """
    holes = [
        (header.sealed_key, fact.position)
        for fact, header in pairs
        if fact.sealed is None and header.sealed_key is not None
    ]
    if not holes:
        return []
    live_ids = keys.find_live({key_id for key_id, _ in holes})
    return [position for key_id, position in holes if key_id in live_ids]
