"""Whether the key ring opens, and whether its masters would come back from escrow.

Every fault is a sentence for an operator; none holds a secret.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyrage

from ledger.crypto.epoch import EpochMasters, KeyWorkRefusedError, demo_masters, demo_secret
from ledger.crypto.escrow import SECRET, Escrow, copy_of, opened_copy
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.crypto.rotation import PAGE_ROWS, RingRows
from ledger.errors import BrokenWorldError

_OTHERS: Final = 0o066
"""Group and others, to read and to write."""


def open_files(files: Mapping[str, Path]) -> Iterator[str]:
    """A sentence for each file that its owner, who runs this, should close and can.

    What another user owns, or lies on a mount that cannot be written, is as its deployment made it:
    a secret that is mounted into a container is often root's, and readable by all inside.

    Args:
        files: what is told of a file → where it is; one that is not there is passed over.
    """
    if os.name != "posix":
        return  # its modes tell nothing
    for label, path in files.items():
        try:
            found = path.stat()
            is_fixed = os.statvfs(path).f_flag & os.ST_RDONLY
        except OSError:
            continue  # that it cannot be read is told by whoever needs it
        mode = stat.S_IMODE(found.st_mode)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if is_ours and not is_fixed and mode & _OTHERS:
            yield (
                f"{label} is open to others than its owner (mode {mode:04o}): chmod 600, and take "
                "what it holds for read by whoever could"
            )


def share_a_disk(one: Path, other: Path) -> bool:
    """Whether both lie on the same file system, and are lost together; False if one is missing."""
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False


SAMPLE_ROWS: Final = 200
NAMED_MAX: Final = 20
"""Rows that are named one by one; beyond them only their number is told."""


def ring_faults(
    keys: KeyRing, rows: RingRows, *, every: bool, random: Callable[[int], bytes]
) -> Iterator[str]:
    """What is wrong with the ring: epochs without a master, rows that do not open, planted rows.

    Args:
        every: open every row; else `SAMPLE_ROWS` of them from a random place on.

    Raises:
        MastersUnavailableError, StoreUnavailableError: they cannot be reached.
    """
    names = keys.masters.names()
    for epoch, count in sorted(rows.counts().items()):
        if epoch not in names:
            yield f"the epoch master {epoch} is not there: it wraps {count} living keys"
    # Key ids are evenly spread, so any stretch of them is a fair sample.
    start = b"" if every else random(32)
    found = _rows(rows, start) if every else _sample(rows, start)
    faults = _faults(keys, found, names)
    yield from islice(faults, NAMED_MAX)
    more = sum(1 for _ in faults)
    if more:
        yield f"{more} more rows of the key ring do not open"
    foreign = rows.foreign()
    for row in islice(foreign, NAMED_MAX):
        yield (
            f"key {row.key_id.hex()}: the ledger did not make this row of the key ring; it is "
            "passed over, and nothing is sealed under it"
        )
    more = sum(1 for _ in foreign)
    if more:
        yield f"{more} more rows of the key ring that the ledger did not make"


def _sample(rows: RingRows, start: bytes) -> Iterator[KeyRow]:
    first = list(islice(_rows(rows, start), SAMPLE_ROWS))
    rows_left = SAMPLE_ROWS - len(first)
    return chain(first, (row for row in islice(_rows(rows, b""), rows_left) if row.key_id <= start))


def _rows(rows: RingRows, after: bytes) -> Iterator[KeyRow]:
    # No epoch has an empty name, so these are all rows.
    while page := rows.of_other_epochs("", after, PAGE_ROWS):
        yield from page
        after = page[-1].key_id


def _faults(keys: KeyRing, rows: Iterator[KeyRow], names: Collection[str]) -> Iterator[str]:
    for row in rows:
        if row.epoch in names:
            try:
                keys.unwrapped(row)
            except BrokenWorldError as error:
                yield f"key {row.key_id.hex()} of class {row.key_class}: {error}"


def escrow_faults(
    masters: EpochMasters,
    secret: bytes,
    escrow: Escrow | None,
    identity: "pyrage.x25519.Identity | None" = None,
) -> Iterator[str]:
    """What is wrong with the copies of the ledger secret and of the masters that are given away.

    Args:
        secret: the ledger secret.
        identity: opens the copies; without it their checks are compared.

    Raises:
        KeyWorkRefusedError: the folder of copies cannot be read.
        BrokenWorldError, MastersUnavailableError: a master cannot be read.
    """
    if secret == demo_secret() or demo_masters().masters["demo"] in map(
        masters.exported, masters.names()
    ):
        yield "a key of the demonstration is in use: it is published and protects nothing"
    if escrow is None:
        yield "there is no escrow: set LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
        return
    names = masters.names()
    for name in escrow.epochs():
        if name not in names:
            yield (
                f"the epoch master {name} is in escrow alone: backups of its time do not open "
                "without it; recover it, `ledger keys rotate` destroys both in time"
            )
    originals = {copy_of(name): masters.exported(name) for name in names}
    for copy, original in {SECRET: secret, **originals}.items():
        if original is None:
            continue
        fault = escrow.fault(copy, original)
        if fault is None and identity is not None:
            fault = _unopened(escrow, copy, original, identity)
        if fault is not None:
            yield fault


def _unopened(
    escrow: Escrow, copy: str, original: bytes, identity: "pyrage.x25519.Identity"
) -> str | None:
    try:
        found = opened_copy(escrow.folder, copy, identity)
    except KeyWorkRefusedError as error:
        return str(error)
    if found != original:
        return f"the copy {copy} in escrow is of another key than the one in use"
    return None
