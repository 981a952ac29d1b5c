"""The letters of a case as values: the reply, the letter that goes with it, those beside it."""

from datetime import UTC, datetime, time

from api.case_replies.letter_dates import dated, own_code
from api.case_replies.values import UNISSUED, ReplyRecords, ReplySources
from ledger.cases.case import State
from ledger.cases.clocks import is_interim_due
from ledger.cases.letters import assembly
from ledger.cases.letters.assembly import LetterIdentity
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.words import WORDING
from ledger.clock import JAPAN, day_in_japan
from ledger.errors import NotFoundError
from ledger.streams.streams import Streams


class Letters:
    """Assembles letters. Every method raises MalformedError: `ADDRESSEE_MISSING`.

    Args:
        sources: what they ask the ledger.
    """

    def __init__(self, streams: Streams, sources: ReplySources) -> None:
        self._streams = streams
        self._sources = sources

    def reply(
        self, state: State, found: ReplyRecords, borne: LetterIdentity
    ) -> tuple[Letter, Letter | None]:
        """The reply as the case stands decided, and the letter on the method that goes with it."""
        procedure = self._sources.procedure_of(state)
        return (
            assembly.reply_letter(state, procedure, borne, found.entries, found.names),
            assembly.method_letter(state, procedure, borne),
        )

    def other_letter(self, state: State, kind: str, at: datetime | None = None) -> Letter:
        """A letter beside the reply.

        Args:
            kind: `receipt`, `correction`, `interim` or `method_change`.
            at: now; a notice of the interim is of the day on which it is printed, and of none
                there is none.

        Raises:
            NotFoundError: no such letter is due as the case stands.
        """
        match kind:
            case assembly.RECEIPT:
                code = own_code(self._sources, kind, state, 0)
                procedure = self._sources.procedure_of(state)
                return assembly.receipt_letter(state, procedure, code, WORDING)
            case assembly.INTERIM:
                return self._interim(state, at)
            case assembly.CORRECTION:
                return self._correction(state)
            case assembly.METHOD_CHANGE:
                return self._method(state)
            case _:
                raise NotFoundError

    def submitted(self, state: State) -> LetterIdentity:
        """What the letters bear since the reply was submitted.

        Raises:
            NotFoundError: none is.
        """
        if state.submission is None or state.submitted_at is None:
            raise NotFoundError
        code = state.submission.verification_code
        return dated(self._sources, state, state.submitted_at, code)

    def printable_letters(self, state: State, found: ReplyRecords, at: datetime) -> list[Letter]:
        """Every letter that may be printed as the case stands, the reply as of now.

        Args:
            found: the records that were decided on; of no account before.
            at: now.
        """
        made = [self.other_letter(state, assembly.RECEIPT)]
        if is_interim_due(state, self._sources.procedure_of(state)):
            made.append(self._interim(state, at))
        if state.corrected is not None:
            made.append(self._correction(state))
        if state.decision is not None:
            borne = dated(self._sources, state, at, UNISSUED)
            made += [one for one in self.reply(state, found, borne) if one is not None]
        return made

    def _correction(self, state: State) -> Letter:
        if state.corrected is None:
            raise NotFoundError
        position = state.corrected.position
        then = self._streams.case_state(state.case, position)
        if then is None:
            raise NotFoundError
        code = own_code(self._sources, assembly.CORRECTION, state, position)
        procedure = self._sources.procedure_of(then)
        return assembly.correction_letter(then, procedure, code, WORDING)

    def _interim(self, state: State, at: datetime | None) -> Letter:
        procedure = self._sources.procedure_of(state)
        if at is None or not is_interim_due(state, procedure):
            raise NotFoundError
        day = day_in_japan(at)
        start = datetime.combine(day, time(), JAPAN).astimezone(UTC)
        code = own_code(self._sources, assembly.INTERIM, state, day.toordinal())
        return assembly.interim_letter(state, procedure, code, start, WORDING)

    def _method(self, state: State) -> Letter:
        procedure = self._sources.procedure_of(state)
        letter = assembly.method_letter(state, procedure, self.submitted(state))
        if letter is None:
            raise NotFoundError
        return letter
