"""`ledger fsck`: everything hashed again from the database, and the first bad position named."""

import os
import sys
from collections.abc import Sequence
from itertools import islice
from typing import Final

import typer

from api.container import Container
from api.database import existing
from api.observability import configure
from api.server.container_opener import opened
from api.server.key_ring_check import RingTable
from api.server.reasons import why
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.crypto.random import drawn
from ledger.crypto.ring_check import ring_faults
from ledger.errors import CorruptRecordError
from ledger.exclusions.current import ExclusionsLostError
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiled_tree import TiledTree
from ledger.store.event_macs import forged_up_to
from ledger.store.recorder import LedgerRecorder
from ledger.store.row_consistency import unexplained_duties
from ledger.streams.lookup_check import rows_led_astray
from projections.log.errors import CheckpointPendingError, LogError
from projections.log.event_check import LogFault
from projections.log.full_check import StoredTree, examined
from projections.log.integrator import Integrator
from projections.log.signed_log import SignedLog
from projections.verification import compare_entries

FAULTY: Final = 1
"""Something is not as it was recorded or signed: each line says what."""

REJECTED_MAX: Final = 100
"""So many rejected items are named at most."""

FORGED_MAX: Final = 100
"""So many events that the ledger did not append are named at most."""

DUTIES_MAX: Final = 100
"""So many cases with rows of duties that no event explains are named at most."""

LOOKUPS_MAX: Final = 100
"""So many rows of lookups that lead to something else are named at most."""

UNKNOWN: Final = 2
"""The examination could not be made: it says nothing about the ledger."""


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(fsck)


def fsck() -> None:
    """Hash everything again: headers, sealed parts, lines, documents, leaves, tiles, checkpoint.

    So are the rows of what is excluded under Order 11, with the daily events, and rejected items.
    Each event that the ledger did not append is named by its position.
    So is the first one of which the index lacks a person, or has another. Each key is opened, and
    each row of the ring that the ledger did not make is named. So is each row of lookups that
    leads to a stream of something else.

    Names what is wrong at the lowest position first. Ends with 0 when all is as it was recorded and
    signed, with 1 when something is named, with 2 when the examination could not be made.
    """
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        found, summary = examination(settings)
    except Exception as error:  # noqa: BLE001 -- every reason means the same: nothing is known
        typer.echo(f"ledger: {why(error)}", err=True)
        sys.exit(UNKNOWN)
    for one in found:
        typer.echo(one.text)
    typer.echo(summary, err=bool(found))
    sys.exit(FAULTY if found else 0)


def examination(settings: Settings) -> tuple[list[LogFault], str]:
    """What is wrong, the lowest position first, and a sentence on what was examined.

    Raises:
        Exception: whatever keeps it from being made.
    """
    secrets_of(settings)
    signed = signed_log(settings)
    with existing(settings) as urls, opened(settings, urls) as container:
        tree, found = (None, None) if signed is None else _tree(signed, container)
        index = IndexCheck(container)
        result = examined(
            LedgerRecorder(container.reader),
            container.reader,
            index.opened,
            container.streams.verified_fact,
            tree,
            container.secret.expiry_proof,
        )
        forged = [*forged_events(container), *index.faults]
        other_faults = [
            *_of_exclusions(container),
            *_of_rejected(container),
            *ring_faults_of(container),
            *duty_faults(container),
            *lookup_faults(container),
        ]
    # Of several at one position a hash comes first: it says more.
    placed = [one for one in (*result.faults, *forged) if one.position is not None]
    faults = sorted(placed, key=lambda one: one.position or 0)
    faults += [one for one in result.faults if one.position is None]
    faults += [*([found] if found else []), *other_faults]
    if faults:
        return faults, f"{result.events} events were read"
    if tree is None:
        how = "the log is not signed, so nothing tells whether they are those of before"
        return [], f"{result.events} events are whole; {how}"
    return [], f"{result.events} events are whole, and {tree.checkpoint.size} of them are signed"


class IndexCheck:
    """Opens events, and compares with them the rows by which persons' records are found.

    Attributes:
        faults: of the first event of which they differ.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self.faults: list[LogFault] = []

    def opened(self, facts: Sequence[StoredFact]) -> Sequence[OpenEvent]:
        """The same as `Streams.opened`."""
        events = self._container.streams.opened(facts)
        # Once more: what was destroyed, or followed anew, in between is no fault.
        if not self.faults and self._differs(events) is not None:
            again = self._container.streams.reads.facts_at([one.position for one in facts])
            position = self._differs(self._container.streams.opened(again))
            if position is not None:
                text = "the index lacks a row of it, or has another: rebuild the projections"
                fault = LogFault(position, None, f"the event at position {position}: {text}")
                self.faults.append(fault)
        return events

    def _differs(self, events: Sequence[OpenEvent]) -> int | None:
        secret = self._container.secret
        return self._container.reader.read(
            lambda c: min(
                (one.position for one in compare_entries(c, events, secret)), default=None
            )
        )


def forged_events(container: Container) -> list[LogFault]:
    """Events that the ledger did not append, the first of many."""
    macs, head = container.macs, container.reads.head()
    found = container.reader.read(
        lambda c: list(islice(forged_up_to(c, macs, head), FORGED_MAX)),
    )
    text = "it has no MAC of the ledger's: the ledger did not append it"
    return [LogFault(one, None, f"the event at position {one}: {text}") for one in found]


def _of_exclusions(container: Container) -> list[LogFault]:
    """Where something that was excluded under Order 11 went missing; never what it was."""
    try:
        position = next(container.streams.exclusions.gaps(), 0)
    except (CorruptRecordError, ExclusionsLostError) as error:
        return [LogFault(None, None, f"what is excluded under Order 11 cannot be read: {error}")]
    if position == 0:
        return []
    where = "what stands now" if position is None else f"the daily event at position {position}"
    text = f"{where} lacks something that was excluded before, and no lift of it is told"
    return [LogFault(None, None, text)]


def _of_rejected(container: Container) -> list[LogFault]:
    """Rejected items that somebody wrote to past the ledger, the first of many."""
    found = islice(container.quarantine().wrong(), REJECTED_MAX)
    return [LogFault(None, None, f"the rejected item {one}: {text}") for one, text in found]


def ring_faults_of(container: Container) -> list[LogFault]:
    """Rows of the key ring that the ledger did not make, and keys that do not open."""
    table = RingTable(container.reader, container.secret.row_mac)
    found = ring_faults(container.keys, table, every=True, random=drawn)
    return [LogFault(None, None, one) for one in found]


def duty_faults(container: Container) -> list[LogFault]:
    """Rows of what two persons did that no event was written with, the first of many."""
    found = islice(unexplained_duties(container.reader), DUTIES_MAX)
    text = "of what two persons did are of no event: a step of it may be refused for them"
    return [LogFault(None, None, f"the case {one}: {rows} rows {text}") for one, rows in found]


def lookup_faults(container: Container) -> list[LogFault]:
    """Rows that lead to a stream of something else, or of somebody else, the first of many."""
    found = islice(rows_led_astray(container.streams), LOOKUPS_MAX)
    text = "is not of what it leads to: nothing follows it, and a new one may be refused for it"
    return [
        LogFault(None, None, f"a row of lookups ({one.kind}) to the stream {one.stream} {text}")
        for one in found
    ]


def _tree(signed: SignedLog, container: Container) -> tuple[StoredTree | None, LogFault | None]:
    """What was signed last, and what is wrong with what is published of it."""
    log = signed.integrator(container.reads, container.reader)
    content = log.anchor.read()
    if content is None:
        text = "no log was begun here, or the file of its last checkpoint is gone"
        return None, LogFault(None, None, text)
    try:
        checkpoint = log.read(content)
    except LogError as error:
        return None, LogFault(None, None, str(error))
    return StoredTree(checkpoint, log.folder.read), _published(signed, log, checkpoint)


def _published(signed: SignedLog, log: Integrator, last: Checkpoint) -> LogFault | None:
    """What is published is signed, and is the last one or an earlier one of the same tree."""
    try:
        _, published = signed.published()
    except CheckpointPendingError:
        return LogFault(None, "checkpoint", "checkpoint is missing in the folder of the log")
    except CorruptRecordError:
        return LogFault(
            None, "checkpoint", "the published checkpoint is not signed by this log's key"
        )
    try:
        root = TiledTree(last.size, log.folder.read).root(published.size)
    except (CorruptRecordError, LogError):
        return None  # the tiles are named by themselves
    except IndexError:
        root = b""
    if published.root != root:
        text = "the published checkpoint is not of the tree that was signed last"
        return LogFault(None, "checkpoint", text)
    return None
