"""Opens what was read: decodes facts under the keys that live, and refuses a part that is missing.

Source: `docs/reference/event-format.md`, sections 5 and 9.
"""

from collections.abc import Iterable, Sequence
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
    with_holes: bool = False,
) -> list[OpenEvent]:
    """Decode many events with one look at the key ring. `verify` as in `open_event`.

    Args:
        with_holes: a part that is missing while its key stands is no fault here.
    """
    headers = [read_header(fact.header) for fact in stored]
    pairs = list(zip(stored, headers, strict=True))
    key_ids = {header.sealed_key for fact, header in pairs if fact.sealed is not None} - {None}
    live_keys = keys.open(cast("set[bytes]", key_ids)) if key_ids else {}
    if not with_holes:
        _refuse_holes(pairs, keys)
    return [
        open_event(fact, live_keys, ledger, verify=verify, header=header) for fact, header in pairs
    ]


def _refuse_holes(pairs: Iterable[tuple[StoredFact, Header]], keys: KeyRing) -> None:
    """Refuse a sealed part that is missing while its key stands: they die in one transaction.

    The table is asked after the part was looked for: a row in it then proves that the key did not
    die before. What the ring remembers of another process's keys is up to five minutes old.
    """
    holes = [
        (header.sealed_key, fact.position)
        for fact, header in pairs
        if fact.sealed is None and header.sealed_key is not None
    ]
    if not holes:
        return
    live_ids = keys.find_live({key_id for key_id, _ in holes})
    for key_id, position in holes:
        if key_id in live_ids:
            raise CorruptRecordError("the sealed part is missing, though its key stands", position)
