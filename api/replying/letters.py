"""The letters of a case as values: the reply, the letter that goes with it, those beside it."""

from datetime import datetime

from api.replying.dating import dated, own_code
from api.replying.values import UNISSUED, Found, ReplySources
from ledger.case import State
from ledger.errors import NotFoundError
from ledger.letters import assembling
from ledger.letters.assembling import Dated
from ledger.letters.letter import Letter
from ledger.streams import Streams


class Letters:
    """Assembles letters. Every method raises MalformedError: `ADDRESSEE_MISSING`.

    Args:
        sources: what they ask the ledger.
    """

    def __init__(self, streams: Streams, sources: ReplySources) -> None:
        self._streams = streams
        self._sources = sources

    def reply(self, state: State, found: Found, borne: Dated) -> tuple[Letter, Letter | None]:
        """The reply as the case stands decided, and the letter on the method that goes with it."""
        procedure = self._sources.procedure_of(state)
        return (
            assembling.reply_letter(state, procedure, borne, found.entries, found.names),
            assembling.method_letter(state, procedure, borne),
        )

    def beside(self, state: State, kind: str) -> Letter:
        """A letter beside the reply.

        Args:
            kind: `receipt`, `correction` or `method_change`.

        Raises:
            NotFoundError: no such letter is due as the case stands.
        """
        match kind:
            case assembling.RECEIPT:
                code = own_code(self._sources, kind, state, 0)
                return assembling.receipt_letter(state, self._sources.procedure_of(state), code)
            case assembling.CORRECTION:
                return self._correction(state)
            case assembling.METHOD_CHANGE:
                return self._method(state)
            case _:
                raise NotFoundError

    def submitted(self, state: State) -> Dated:
        """What the letters bear since the reply was submitted.

        Raises:
            NotFoundError: none is.
        """
        if state.submission is None or state.submitted_at is None:
            raise NotFoundError
        code = state.submission.verification_code
        return dated(self._sources, state, state.submitted_at, code)

    def standing(self, state: State, found: Found, at: datetime) -> list[Letter]:
        """Every letter that may be printed as the case stands, the reply as of now.

        Args:
            found: the records that were decided on; of no account before.
            at: now.
        """
        made = [self.beside(state, assembling.RECEIPT)]
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
        code = own_code(self._sources, assembling.CORRECTION, state, position)
        return assembling.correction_letter(then, self._sources.procedure_of(then), code)

    def _method(self, state: State) -> Letter:
        procedure = self._sources.procedure_of(state)
        letter = assembling.method_letter(state, procedure, self.submitted(state))
        if letter is None:
            raise NotFoundError
        return letter
