"""The proof that goes with a reply on a medium: its records, each up to the log's checkpoint.

It is no part of what is approved: a checkpoint is of the moment, and the proof tells no record that
the letter does not show in full. Where it cannot be made the reply goes out without it, and says
nothing of it: nobody waits for the log.
"""

import logging
from collections.abc import Iterator
from typing import Final

from api.replying.replies import Replies
from api.signed_log import SignedLog
from ledger.case import State, Status, records_digest
from ledger.codec.proof import ShownRecord, proof
from ledger.errors import CorruptRecordError
from ledger.events.case import CaseDecided
from ledger.history import HistoryEntry
from ledger.letters.withholding import withheld_of
from ledger.merkle.tiled import TiledTree
from ledger.proving import shown_records
from ledger.streams import Streams
from ledger.values import PrincipalRef
from projections.log.errors import CheckpointPendingError, LogError

PROOF: Final = "proof.json"

log: Final = logging.getLogger(__name__)


class Proving:
    """Makes the proofs of replies. Thread-safe.

    Args:
        signed: None where the log is not signed.
    """

    def __init__(self, replies: Replies, streams: Streams, signed: SignedLog | None) -> None:
        self._replies = replies
        self._streams = streams
        self._signed = signed

    def documents(self, state: State) -> dict[str, bytes]:
        """The proof by its name, of what the reply that waits to be sent shows in full.

        Returns:
            Nothing where the log is not signed, or not so far; and of a reply that was sent, for
            what is excluded since must not be told by a proof that is not there any more.

        Raises:
            ProjectionBehindError, StoreUnavailableError: as `Replies`.
        """
        is_waiting = state.status == Status.NOTICE_READY
        if self._signed is None or not is_waiting or not isinstance(state.decision, CaseDecided):
            return {}
        try:
            made = self._made(self._signed, state, state.decision)
        except CheckpointPendingError:
            log.warning("a reply goes out without a proof: the log is not signed so far")
            return {}
        except (LogError, CorruptRecordError, OSError) as error:
            log.warning("a reply goes out without a proof: %s", type(error).__name__)
            return {}
        return {} if made is None else {PROOF: made}

    def _made(self, signed: SignedLog, state: State, decision: CaseDecided) -> bytes | None:
        found = self._replies.found(state)
        search = state.search
        if search is None or records_digest(found.provided, found.received) != search.digest:
            return None
        withheld = withheld_of(decision, found.entries)
        shown = [entry for entry in found.entries if entry.transfer not in withheld]
        newest = max((one.position for entry in shown for one in entry.messages), default=0)
        note, checkpoint = signed.proving(max(newest, found.as_of))
        if checkpoint.size < found.as_of:
            raise CheckpointPendingError
        tree = TiledTree(checkpoint.size, signed.folder.read)
        records = [
            record
            for entry in shown
            for record in self._records(entry, found.as_of, search.identifiers, tree)
        ]
        return proof(note, records)

    def _records(
        self,
        entry: HistoryEntry,
        as_of: int,
        identifiers: tuple[PrincipalRef, ...],
        tree: TiledTree,
    ) -> Iterator[ShownRecord]:
        """What is proven of one record: of each of its messages the person's own lines."""
        own = frozenset(self._streams.cluster(identifiers, as_of).keys)
        for message in entry.messages:
            events = self._streams.carried([message.transfer], as_of)
            headers = self._streams.reads.headers_at([one.position for one in events])
            yield from shown_records(
                events,
                headers,
                lambda ref: self._streams.principal_key(ref) in own,
                lambda position: tree.inclusion(position - 1),
            )
