"""The proof that goes with a reply on a medium: its records, each up to the log's checkpoint.

It is no part of what is approved: a checkpoint is of the moment, and the proof tells no record that
the letter does not show in full. Where it cannot be made the reply goes out without it, and says
nothing of it: nobody waits for the log. What was made is verified before it leaves: after a restore
the log may be of another history than the ledger.
"""

import logging
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Final
from uuid import UUID

from api.case_replies.replies import Replies
from api.case_replies.values import ReplyRecords
from ledger.cases.case import CaseStatus, State, records_digest
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.reply import AnswerCommitted
from ledger.cases.letters.withheld_parts import withheld_of
from ledger.crypto.answers import AnswerKeys
from ledger.errors import CorruptRecordError
from ledger.format.envelope import OpenEvent
from ledger.format.proof import ProofAnswer, ProofRecord, proof, subject_of
from ledger.format.shown_parts import ProofEvent
from ledger.log.proof_records import read_proof
from ledger.log.record_proofs import prove_records
from ledger.log.verifier_page import verifier_page
from ledger.merkle.tiled_tree import TiledTree
from ledger.streams.history import HistoryEntry
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef
from projections.log.errors import CheckpointPendingError, LogDiffersError, LogError
from projections.log.proofs import path_of
from projections.log.signed_log import SignedLog

PROOF: Final = "proof.json"
PROGRAM: Final = "check_proof.py"
"""Checks the proof with the standard library of Python alone."""
PAGE: Final = "check_proof.html"
"""Checks it in a browser, without a network."""
STREAMS_MAX: Final = 50
"""Transfers that are opened at once, so that a long reply takes no more memory than a short one."""

log: Final = logging.getLogger(__name__)


def program() -> bytes:
    """The file that checks a proof, as it lies beside each."""
    return files("ledger.log").joinpath(PROGRAM).read_bytes()


class ReplyProofs:
    """Makes the proofs of replies. Thread-safe.

    Args:
        signed: None where the log is not signed, or the operator wants no proofs.
    """

    def __init__(self, replies: Replies, streams: Streams, signed: SignedLog | None) -> None:
        self._replies = replies
        self._streams = streams
        self._signed = signed

    def documents(self, state: State) -> dict[str, bytes]:
        """The proof of what the reply that waits to be sent shows in full, and what checks it.

        Returns:
            Nothing where the log is not signed, or not so far; and of a reply that was sent, for
            what is excluded since must not be told by a proof that is not there any more.

        Raises:
            ProjectionBehindError, StoreUnavailableError: as `Replies`.
        """
        is_waiting = state.status == CaseStatus.NOTICE_READY
        if self._signed is None or not is_waiting or not isinstance(state.decision, CaseDecided):
            return {}
        try:
            made = self._build_proof(self._signed, state)
            return {} if made is None else {PROOF: made, PROGRAM: program(), PAGE: verifier_page()}
        except (CheckpointPendingError, LogDiffersError) as error:
            code = error.code
        except (LogError, CorruptRecordError, OSError) as error:
            code = type(error).__name__
        log.warning("a reply goes out without a proof", extra={"code": code})
        return {}

    def _build_proof(self, signed: SignedLog, state: State) -> bytes | None:
        found = self._replies.find_records(state)
        search, decision = state.search, state.decision
        assert isinstance(decision, CaseDecided), "only a decision shows records"
        if search is None or records_digest(found.provided, found.received) != search.digest:
            return None
        withheld = withheld_of(decision, found.entries)
        shown = [entry for entry in found.entries if entry.transfer not in withheld]
        newest = max((one.position for entry in shown for one in entry.messages), default=0)
        bound = state.answers.get(state.submission.content) if state.submission else None
        at = 0 if bound is None else bound[0]
        note, checkpoint = signed.proving(max(newest, found.as_of, at))
        if checkpoint.size < max(found.as_of, at):
            raise CheckpointPendingError
        tree = TiledTree(checkpoint.size, signed.folder.read)
        # After a restore the log is of another history than the search, though it is long enough.
        # Each event is random in part, so the newest one that was searched tells.
        headers = self._streams.reads.headers_at([found.as_of])
        path_of(tree, checkpoint, found.as_of, headers[found.as_of])
        answer = None if bound is None else self._answer(state, *bound, found, tree)
        made = proof(note, [*self._records(shown, found.as_of, search.identifiers, tree)], answer)
        try:
            # As whoever gets it does: what does not verify is no proof, whatever the cause.
            read_proof(made, signed.verifier, self._streams.ledger)
        except CorruptRecordError:
            raise LogDiffersError from None
        return made

    def _answer(
        self,
        state: State,
        position: int,
        event: AnswerCommitted,
        found: ReplyRecords,
        tree: TiledTree,
    ) -> ProofAnswer:
        """What binds the answer: of records that are not shown the hashes of their lines alone."""
        assert state.search is not None, "an answer is on a search"
        keys = (AnswerKeys.of(event.salt, form) for form in (2, 1))
        own = next(
            (one for one in keys if found.answer(self._streams.ledger, state, one) == event.answer),
            None,
        )
        if own is None:
            raise CorruptRecordError("the answer that was bound is not what is found now")
        lines = [
            one.digest if withholds else one for one, withholds in found.answered(state, own.form)
        ]
        [header] = self._streams.reads.headers_at([position]).values()
        proven = ProofEvent(header, position - 1, tree.inclusion(position - 1))
        asked = subject_of(own, state.search.identifiers, state.search.tried)
        return ProofAnswer(proven, asked, own.shown, own.form, lines)

    def _records(
        self,
        shown: Sequence[HistoryEntry],
        as_of: int,
        identifiers: tuple[PrincipalRef, ...],
        tree: TiledTree,
    ) -> Iterator[ProofRecord]:
        """What is proven of the records: of each of their messages the person's own lines."""
        own = frozenset(self._streams.cluster(identifiers, as_of).keys)
        transfers = [one.transfer for entry in shown for one in entry.messages]
        for begin in range(0, len(transfers), STREAMS_MAX):
            batch = transfers[begin : begin + STREAMS_MAX]
            events: dict[UUID, list[OpenEvent]] = {}
            for one in self._streams.carried(batch, as_of):
                events.setdefault(one.header.stream, []).append(one)
            positions = [one.position for of_one in events.values() for one in of_one]
            headers = self._streams.reads.headers_at(positions)
            for transfer in batch:
                yield from prove_records(
                    events.get(transfer, ()),
                    headers,
                    lambda ref: self._streams.principal_key(ref) in own,
                    lambda position: tree.inclusion(position - 1),
                )
