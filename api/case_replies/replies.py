"""Replies: what belongs to one, the letter it is, and the bytes that were sent."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from api import documents
from api.case_replies.document_errors import answered
from api.case_replies.enclosures import Enclosures, file_of, is_on_medium
from api.case_replies.letter_dates import dated, restore_identity
from api.case_replies.letters import Letters
from api.case_replies.points import (
    LateSubjects,
    PersonTransfers,
    ToAnswer,
    statement_of,
    to_answer,
)
from api.case_replies.print_choices import chosen, instead_in
from api.case_replies.records import RecordFinder
from api.case_replies.since import Since
from api.case_replies.values import JSON, UNISSUED, ReplyDocument, ReplyRecords, ReplySources
from api.documents.letters import title_of
from ledger.cases.case import (
    CaseStatus,
    RenderedHashes,
    Reply,
    State,
    documents_digest,
    records_digest,
)
from ledger.cases.events.case import CaseDecided
from ledger.cases.events.intake import Application
from ledger.cases.events.substitute import Substitute
from ledger.cases.letters import assembly
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.letters.assembly import LetterIdentity
from ledger.cases.letters.codes import issued
from ledger.cases.points import MAY_BE_RECORDS, NOT_EXIST, are_answered, is_contradicted
from ledger.cases.print_step import PrintAs
from ledger.cases.refusals import NothingToSupplementError, StaleApprovalError
from ledger.cases.reply_steps import ITEM_NUMBER
from ledger.cases.sent_documents import documents_of
from ledger.emitters.coverage import Statement
from ledger.errors import ExpiredError, NotFoundError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

_POSTED = frozenset(
    {CaseStatus.DISPATCHED, CaseStatus.DELIVERED, CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL}
)


def address_sheet(
    state: State,
    found: ReplyRecords,
    letters: Letters,
    sources: ReplySources,
    renderer: documents.Renderer,
    submitted: LetterIdentity,
) -> documents.AddressSheet:
    """Where the reply goes, and how many pages of what go with it; raises as `Replies.document`.

    Args:
        found: the records that were decided on.
        submitted: what the letters bear; of an approved reply as it is kept.
    """
    procedure = sources.procedure_of(state)
    letter, method = letters.reply(state, found, submitted)
    made = renderer.reply(letter, method, instead_in(state))
    titles = [title_of(one) for one in (letter, method) if one is not None]
    number = state.replies[-1].item_number if state.status in _POSTED else ""
    return documents.AddressSheet(
        at=submitted.at,
        case_number=state.number,
        addressee=addressee_of(state),
        issuer=assembly.issuer_of(procedure, submitted.at),
        post=procedure.reply_media_on(state.application.arrived_on).post,
        registered_number=number if ITEM_NUMBER.fullmatch(number) else None,
        enclosures=tuple(zip(titles, made.pages, strict=True)),
        medium=file_of(state) if is_on_medium(state) else None,
        substitutes=instead_in(state),
    )


T = TypeVar("T")


class DeferredWork(Generic[T]):
    """Work, to be called once by whoever has time for it. The call raises nothing."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: Future[T] = Future()

    def __call__(self) -> None:
        """Do it."""
        try:
            self._done.set_result(self._work())
        except Exception as error:  # noqa: BLE001 -- raised by `result`
            self._done.set_exception(error)

    def result(self) -> T:
        """What it gave; raises what it raised."""
        return self._done.result()


class Replies:
    """Makes replies. Synchronous, thread-safe; close it when done.

    Every method that makes a document raises:
        MalformedError: `ADDRESSEE_MISSING`, the form does not say to whom it goes.
        UnprintableError: a text holds what the font cannot print; it names each place.
        RenderingUnavailableError: the process that sets documents ended or took too long.

    Args:
        sources: what they ask the ledger.
    """

    def __init__(
        self,
        records: RecordFinder,
        streams: Streams,
        renderer: documents.Renderer,
        sources: ReplySources,
    ) -> None:
        self._records = records
        self._streams = streams
        self._renderer = renderer
        self._sources = sources
        self._since = Since(records, streams, sources.review, sources.received, sources.names)
        self._letters = Letters(streams, sources)
        self.enclosing = Enclosures(streams, renderer, sources)

    def close(self) -> None:
        """End the process that sets documents."""
        self._renderer.close()

    # -- records ---------------------------------------------------------------------------------

    def search(
        self, identifiers: Sequence[PrincipalRef], as_of: int, application: Application
    ) -> ReplyRecords:
        """The requested records of the person, after exclusion; refusals: `RecordFinder`."""
        return self._records.find(identifiers, as_of, application)

    def find_records(self, state: State) -> ReplyRecords:
        """The records of the search that stands; none before one, and for a refusal.

        Raises:
            ProjectionBehindError: the read side does not reach the search in time.
        """
        if state.search is None:
            return ReplyRecords(0)
        return self._records.find(state.search.identifiers, state.search.as_of, state.application)

    def unchanged(self, state: State) -> ReplyRecords:
        """The records of the search that stands, when nothing has happened to them since.

        Raises:
            StaleApprovalError: something has, whatever it is, or a name of the application finds
                somebody by now on whom nobody has decided; they are to be searched anew.
            NamesOutdatedError: the read side has no names, or of another version.
        """
        found = self.find_records(state)
        self._records.check_unchanged(state, found)
        self._since.check_names(state, found)
        return found

    def flags(self, state: State) -> tuple[str, ...]:
        """What has become of the case's replies since (`api.case_replies.since`)."""
        return self._since.flags(state)

    def points(self, state: State, found: ReplyRecords) -> tuple[ToAnswer, ...]:
        """What is to be answered before a decision, of the active search."""
        return self._to_answer(state, found, None)

    def points_decided(self, state: State, found: ReplyRecords) -> tuple[ToAnswer, ...]:
        """What the decision that stands is to have answered by now.

        Other than to a decision of now, nothing is added by what came since and can be compared
        with nobody (0102).
        """
        return self._to_answer(state, found, state.decided_at)

    def statement(self, state: State) -> Statement:
        """On whose declarations the completeness of the search that stands rests."""
        return statement_of(state, self._sources)

    def check_points(self, state: State) -> None:
        """Pass when the decision that stands answers each point as it is by now.

        Raises:
            StaleApprovalError: one has come, or is about something else, or the decision is of
                before its answers were compared with what it says: decide once more.
        """
        decision = state.decision
        if not isinstance(decision, CaseDecided):
            return
        points = [one.point for one in self.points_decided(state, self._decided(state))]
        if not are_answered(points, decision.points) or is_contradicted(decision):
            raise StaleApprovalError

    # -- the reply -------------------------------------------------------------------------------

    def to_submit(self, state: State, at: datetime) -> tuple[RenderedHashes, str]:
        """What is submitted with its code, where an answer is due; raises as `prepared`.

        Raises:
            NothingToSupplementError: besides, the person has a reply in hand that tells the same,
                but for what is excluded by now.
        """
        found = self._decided(state)
        borne = dated(self._sources, state, at, UNISSUED)
        code = issued(self._letters.reply(state, found, borne)[0]).verification_code
        rendered, _ = self._prepared(state, found, replace(borne, code=code))
        if state.current_reply is not None and self._since.adds_nothing(
            state, self._decided(state)
        ):
            raise NothingToSupplementError
        return rendered, code

    def document(self, state: State, at: datetime, code: str) -> ReplyDocument:
        """The reply as the case stands decided.

        Args:
            at: the letter's own date; of a submitted reply `state.submitted_at`.
            code: its verification code.

        Raises:
            StaleApprovalError: the records are not any more what they were at the search.
            NotFoundError: nothing was decided.
        """
        found = self._decided(state)
        self._records.check_unchanged(state, found)
        return self._document(state, found, dated(self._sources, state, at, code))

    def prepared(
        self, state: State, at: datetime, code: str
    ) -> tuple[RenderedHashes, ReplyDocument, ReplyRecords]:
        """The reply with its hashes, and the records that it is about, which are read once.

        Raises:
            StaleApprovalError: besides, the decision would read differently by what came since.
        """
        found = self._decided(state)
        return *self._prepared(state, found, dated(self._sources, state, at, code)), found

    def approved(self, state: State) -> tuple[RenderedHashes | None, Mapping[str, bytes]]:
        """What was approved, as it is kept; with None when the records are others by now.

        Raises:
            StaleApprovalError: nothing of what was submitted is kept.
        """
        if state.submission is None or state.submission.content not in state.kept:
            raise StaleApprovalError
        kept = documents_of(self._streams, state.case, state.submission.content)
        try:
            found = self._decided(state)
            rows = self._rows(state, found)
            self._check_denial(state, found)
        except StaleApprovalError:
            return None, kept
        return RenderedHashes(rows, documents_digest(kept)), kept

    def still_reads(self, state: State) -> bool:
        """Whether the records read as they did when what waits to be approved or sent was decided.

        The letter is not set: another template is seen when it is.
        """
        try:
            found = self._decided(state)
            self._records.check_unchanged(state, found)
            self._check_denial(state, found)
            return not self._since.is_void(state, found)
        except StaleApprovalError:
            return False

    def goes_with(self, state: State) -> tuple[tuple[str, ...], bool]:
        """What was submitted says of its completeness; whether a letter on the method goes with it.

        Raises:
            NotFoundError: nothing is submitted.
        """
        submitted = self._letters.submitted(state)
        procedure = self._sources.procedure_of(state)
        method = assembly.method_letter(state, procedure, submitted)
        return submitted.coverage, method is not None

    def reproduce(self, case: UUID, number: int) -> ReplyDocument:
        """Reply `number` (1-based) of the case, made again from the case and its records.

        The same renderer gives the same bytes, whatever was recorded since, and whatever kinds of
        identifiers are called by now.

        Raises:
            NotFoundError: there is no such case or reply.
            ExpiredError: records of it are gone by now; `stored` has what was sent.
        """
        state, excluded = self._as_sent(case, number)
        stored = json.loads(self.stored(case, number)[JSON])
        borne = restore_identity(self._letters.submitted(state), stored)
        try:
            found = self._decided(state, excluded)
        except StaleApprovalError:
            raise ExpiredError(state.search.as_of if state.search is not None else 0) from None
        return self._document(state, found, borne)

    def stored(self, case: UUID, number: int) -> Mapping[str, bytes]:
        """Name → bytes of the documents of reply `number` (1-based), as they were sent.

        Raises:
            NotFoundError: there is no such case or reply.
        """
        return documents_of(self._streams, case, self._sent(case, number).content)

    # -- other letters ---------------------------------------------------------------------------

    def letter(self, state: State, kind: str, at: datetime | None = None) -> bytes:
        """A letter beside the reply as PDF.

        Args:
            kind: `receipt`, `correction`, `interim`, `method_change` or `address_sheet`.
            at: now; needed for the notice of the interim alone.

        Raises:
            NotFoundError: no such letter is due as the case stands.
        """
        with answered():
            if kind == assembly.ADDRESS_SHEET:
                makers = (self._letters, self._sources, self._renderer)
                borne = self._stored_identity(state)
                return self._renderer.sheet(
                    address_sheet(state, self._decided(state), *makers, borne)
                )
            letter = self._letters.other_letter(state, kind, at)
            return self._renderer.letter(letter, instead_in(state))

    def print_as(self, state: State, substitutes: Sequence[Substitute], at: datetime) -> PrintAs:
        """The step that chooses them, with what the font lacks and what the letters hold.

        Raises:
            StaleApprovalError: it was decided on records that are others by now.
        """
        is_decided = state.decision is not None
        found = self.unchanged(state) if is_decided else ReplyRecords(0)
        return chosen(self._letters.printable_letters(state, found, at), substitutes)

    # -- inside ----------------------------------------------------------------------------------

    def _to_answer(
        self, state: State, found: ReplyRecords, until: datetime | None
    ) -> tuple[ToAnswer, ...]:
        if state.search is None:
            return ()
        search, application = state.search, state.application
        named, entries = [*search.identifiers], [*found.entries, *found.other_entries]
        # An identifier that has no record that is asked for may be the person's (`Since`).
        for one in search.tried:
            tried = self._records.find([one], search.as_of, application)
            if not tried.entries:
                named.append(one)
                entries += tried.other_entries
        # One transfer may name two of them: it is looked at once.
        once = {one.transfer: one for one in reversed(entries)}
        judged = [PersonTransfers(tuple(named), tuple(reversed(once.values())))]
        undecided, more = self._since.undecided(state)
        for one in undecided:
            other = self._records.find([one], search.as_of, application)
            if not other.entries and other.other_entries:
                judged.append(PersonTransfers((one,), other.other_entries, is_the_person=False))
        late = LateSubjects(tuple(judged), more)
        return to_answer(state, found, late, self._sources, self._streams, until)

    def _check_denial(self, state: State, found: ReplyRecords) -> None:
        """Pass when what may be a record is by now what was answered beside a 不存在.

        With records to tell the answer goes out without delay, and a repair, or a transfer that is
        judged anew, reopens it (0102).

        Raises:
            StaleApprovalError: one has come or gone since.
        """
        decision = state.decision
        if not isinstance(decision, CaseDecided) or decision.outcome != NOT_EXIST:
            return
        points = [one.point for one in self.points_decided(state, found)]
        possible = [one for one in points if one.kind in MAY_BE_RECORDS]
        if not are_answered(possible, decision.points):
            raise StaleApprovalError

    def _rows(self, state: State, found: ReplyRecords) -> bytes:
        """The hash of the records of a decision that would read the same by what is known now."""
        if self._since.is_void(state, found):
            raise StaleApprovalError
        return self._records.digest(state, found)

    def _decided(self, state: State, excluded: ActiveExclusions | None = None) -> ReplyRecords:
        """The records that were decided on. `excluded`: of then; None: what is excluded now."""
        if state.decision is None:
            raise NotFoundError
        if not isinstance(state.decision, CaseDecided):
            return ReplyRecords(0)
        assert state.search is not None, "what was decided was searched for"
        found = self._records.find(
            state.search.identifiers, state.search.as_of, state.application, excluded
        )
        if records_digest(found.provided, found.received) != state.search.digest:
            raise StaleApprovalError
        return found

    def _prepared(
        self, state: State, found: ReplyRecords, borne: LetterIdentity
    ) -> tuple[RenderedHashes, ReplyDocument]:
        rows = DeferredWork(lambda: self._rows(state, found))
        # Another process sets the letter, which leaves this one time for the records, from then on.
        document = self._document(state, found, borne, rows)
        return RenderedHashes(rows.result(), documents_digest(document.documents)), document

    def _document(
        self,
        state: State,
        found: ReplyRecords,
        borne: LetterIdentity,
        meanwhile: Callable[[], None] | None = None,
    ) -> ReplyDocument:
        letter, method = self._letters.reply(state, found, borne)
        with answered():
            made = self._renderer.reply(letter, method, instead_in(state), meanwhile)
        return ReplyDocument(
            made.pdf,
            made.json,
            made.csv,
            made.method,
            made.annexes,
            sum(made.pages),
            made.further,
        )

    def _stored_identity(self, state: State) -> LetterIdentity:
        """What the letters bear since the submission; of an approved reply as it is kept."""
        submitted = self._letters.submitted(state)
        content = b"" if state.submission is None else state.submission.content
        if content not in state.kept:
            return submitted
        return restore_identity(
            submitted, json.loads(documents_of(self._streams, state.case, content)[JSON])
        )

    def _sent(self, case: UUID, number: int) -> Reply:
        """Reply `number` of the case."""
        state = self._streams.case_state(case)
        if state is None or not 1 <= number <= len(state.replies):
            raise NotFoundError
        return state.replies[number - 1]

    def _as_sent(self, case: UUID, number: int) -> tuple[State, ActiveExclusions]:
        """The case as it was when reply `number` went out, and what its decision left out.

        Raises:
            ExpiredError: what was left out cannot be read any more.
        """
        before = self._sent(case, number).position - 1
        state = self._streams.case_state(case, before)
        assert state is not None, "it was there before its reply went out"
        excluded = self._sources.review(case, before)
        if excluded is None:
            raise ExpiredError(before)
        return state, excluded
