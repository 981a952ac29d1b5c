"""What is found for a reply, and the reply as documents."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided
from ledger.cases.letters.codes import ALPHABET
from ledger.cases.letters.withheld_parts import withheld_of
from ledger.crypto.answers import SALT_BYTES, AnsweredLine, AnswerKeys, BoundAnswer, answer_of
from ledger.crypto.random import drawn
from ledger.emitters.emitter import State as Emitter
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.law.procedure.version import Procedure
from ledger.policies.context import Verdict
from ledger.quarantine.spellings import MatchingItems
from ledger.streams.history import HistoryEntry
from ledger.values import PrincipalRef
from projections.names import Names

PDF = "reply.pdf"
JSON = "reply.json"
METHOD_PDF = "method.pdf"
ANNEX_PDF = "annex-{}.pdf"
"""What a long reply goes on in, from 2."""
UNISSUED = "0000-0000-0000-0000-0000"
"""In place of a verification code, in what nobody has submitted."""
_GROUPS, _GROUP = 5, 4


class _LookupKey(Protocol):
    def __call__(self, kind: str, *parts: bytes) -> bytes: ...


class _SendsUnregistered(Protocol):
    def __call__(
        self, emitters: Sequence[Emitter], days: tuple[date | None, date], at: datetime, /
    ) -> bool: ...


class _JudgedAnew(Protocol):
    def __call__(
        self, entries: Sequence[HistoryEntry], as_of: int, keys: Sequence[bytes], /
    ) -> Mapping[UUID, Verdict]: ...


@dataclass(frozen=True, slots=True)
class ReplySources:
    """What replies ask the ledger; every one of these is thread-safe.

    Attributes:
        procedure_of: the version of the procedure that a case falls under.
        review: what was excluded at a case's newest decision up to a position; None: unreadable.
        emitters_at: all emitters as of a position.
        sends_unregistered: whether others than these are known to send, see
        `ledger.emitters.liveness`. lookup_key: 16 bytes that nobody makes without the ledger's
        secret: they become the codes of
            letters that no event keeps a code of.
        rejected: the rejected items that wait and may name who has one of those identifiers or
            names; what can be compared with nobody counts where it was received by then.
        received: positions → when an item was received that was repaired and recorded there.
        names: who bears a name.
        judged_anew: a person's entries as of a position, by the principal keys of the person → the
            verdict as it would be now, of each message that the work list of late facts may name.
        has_pending_bulk: whether a bulk transfer was accepted by an instant and not yet recorded
            then; see `ledger.transfers.bulk.staging_area.is_any_pending`.
        kinds: scheme → what letters call such an identifier.
        log: what the signed log is called, in its first epoch; None: it is not signed.
    """

    procedure_of: Callable[[State], Procedure]
    review: Callable[[UUID, int], ActiveExclusions | None]
    emitters_at: Callable[[int], Sequence[Emitter]]
    sends_unregistered: _SendsUnregistered
    lookup_key: _LookupKey
    rejected: Callable[[Collection[PrincipalRef], Collection[str], datetime | None], MatchingItems]
    received: Callable[[Collection[int]], Mapping[int, datetime]]
    names: Names
    judged_anew: _JudgedAnew
    has_pending_bulk: Callable[[datetime, datetime | None], bool]
    kinds: Mapping[str, str]
    log: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyRecords:
    """The records of a person that belong to a reply, as of a position, after exclusion.

    Attributes:
        provided, received: streams of the records, by side, in the order of the entries.
        entries: the records themselves, oldest first: of both sides, and of a request for measures
            those that belong to no side, too.
        names: the names that the person took later, oldest first.
        other_entries: transfers of the period that are no records of provision, as joint use: shown
            to officers, part of no reply. None for a request for measures, whose `entries` have
            them.
    """

    as_of: int
    provided: tuple[UUID, ...] = ()
    received: tuple[UUID, ...] = ()
    entries: tuple[HistoryEntry, ...] = ()
    names: tuple[str, ...] = ()
    other_entries: tuple[HistoryEntry, ...] = ()

    def bound(self, ledger: str, state: State) -> BoundAnswer | None:
        """What binds them, under a salt of its own; None: the case rests on no search."""
        if (search := state.search) is None or not isinstance(state.decision, CaseDecided):
            return None
        salt = drawn(SALT_BYTES)
        return BoundAnswer(search.as_of, self.answer(ledger, state, AnswerKeys.of(salt)), salt)

    def answer(self, ledger: str, state: State, keys: AnswerKeys) -> bytes:
        """The value that binds them under these keys; requires a search, and a decision on it."""
        search = state.search
        assert search is not None, "asked only where a search stands"
        asked = canonical(subject_of(keys, search.identifiers, search.tried))
        lines = [(one.digest, withholds) for one, withholds in self.answered(state, keys.form)]
        return answer_of(keys, ledger, state.case, search.as_of, asked, lines)

    def answered(self, state: State, form: int) -> list[tuple[AnsweredLine, bool]]:
        """The person's lines, and whether the reply withholds something of their record.

        Ascending by where each was recorded.
        """
        assert isinstance(state.decision, CaseDecided), "asked only of what tells records"
        withheld = withheld_of(state.decision, self.entries)
        lines = [
            (one if form > 1 else one.of_form_1, entry.transfer in withheld)
            for entry in self.entries
            for own in entry.messages
            for one in own.answered
        ]
        return sorted(lines, key=lambda one: (one[0].first, one[0].line))


@dataclass(frozen=True, slots=True)
class ReplyDocument:
    """A reply as it goes out.

    Attributes:
        pdf: the letter with its annexes, PDF/A-3a.
        json: the same letter as canonical JSON; csv: its records, unfolded.
        method: the letter on the change of the method, None where none goes with it.
        annexes: titles of the annexes on paper.
        sheets: A4 sheets, printed on one side, of all that goes into the envelope.
        further: the documents that a long reply goes on in, PDF/A-3a.
    """

    pdf: bytes = field(repr=False)
    json: bytes = field(repr=False)
    csv: bytes = field(repr=False)
    method: bytes | None = field(repr=False)
    annexes: tuple[str, ...]
    sheets: int
    further: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def documents(self) -> Mapping[str, bytes]:
        """Name → bytes of what is approved, sent and kept; the CSV follows from the JSON."""
        return {
            PDF: self.pdf,
            JSON: self.json,
            **({} if self.method is None else {METHOD_PDF: self.method}),
            **{ANNEX_PDF.format(part): one for part, one in enumerate(self.further, 2)},
        }


def paper_of(documents: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """The reply as it is printed: its letter, and what it goes on in."""
    names = [PDF, *(ANNEX_PDF.format(part) for part in range(2, len(documents) + 2))]
    return tuple(documents[name] for name in names if name in documents)


def code_from(key: bytes) -> str:
    """The code that 16 secret bytes make, always the same."""
    number = int.from_bytes(key, "big")
    digits = [ALPHABET[number >> 5 * n & 31] for n in range(_GROUPS * _GROUP)]
    return "-".join("".join(digits[n : n + _GROUP]) for n in range(0, len(digits), _GROUP))
