"""What lies beside the letters: the label of a medium, the letter with its password, separators."""

from collections.abc import Sequence
from datetime import datetime

from api import documents
from api.case_replies.document_errors import answered
from api.case_replies.print_choices import instead_in
from api.case_replies.values import ReplySources, code_from
from api.documents.annexes import ROWS_MAX
from ledger.cases.case import CaseStatus, Decision, Reply, State
from ledger.cases.events.case import CaseDecided
from ledger.cases.letters import assembly
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.refusals import CaseStatusError
from ledger.cases.sent_documents import medium_secret
from ledger.errors import NotFoundError
from ledger.streams.streams import Streams

ELECTRONIC = "electronic"


class Enclosures:
    """Makes the sheets. Every method that does raises as those of `Replies`.

    Args:
        sources: what they ask the ledger.
    """

    def __init__(
        self, streams: Streams, renderer: documents.Renderer, sources: ReplySources
    ) -> None:
        self._streams = streams
        self._renderer = renderer
        self._sources = sources

    def password(self, state: State) -> str:
        """What opens the medium of the newest reply that was approved; 100 bits, always the same.

        It is made of the case's key and of what was approved: nothing keeps it, and when the key
        dies nobody makes it again.

        Raises:
            CaseStatusError: nothing was approved.
            NotFoundError: what was approved goes out without a medium, or its key is dead.
        """
        content, _ = _approved(state)
        return code_from(medium_secret(self._streams, state.case, content))

    def label(self, state: State) -> bytes:
        """The label of the medium as PDF; raises as `password`, besides."""
        _, at = _approved(state)
        issuer = assembly.issuer_of(self._sources.procedure_of(state), at)
        with answered():
            return self._renderer.sheet(
                documents.MediumLabel(
                    at=at, case_number=state.number, issuer=issuer, file=file_of(state)
                )
            )

    def password_letter(self, state: State) -> bytes:
        """The letter with the password as PDF; raises as `password`, besides."""
        _, at = _approved(state)
        letter = documents.PasswordLetter(
            at=at,
            case_number=state.number,
            addressee=addressee_of(state),
            issuer=assembly.issuer_of(self._sources.procedure_of(state), at),
            file=file_of(state),
            password=self.password(state),
            substitutes=instead_in(state),
        )
        with answered():
            return self._renderer.sheet(letter)

    def post(self, state: State) -> str:
        """How the reply of the case is sent, as its procedure publishes it."""
        procedure = self._sources.procedure_of(state)
        return procedure.reply_media_on(state.application.arrived_on).post

    def separators(self, sheets: Sequence[documents.Separator]) -> list[bytes]:
        """Each as PDF, in their order."""
        with answered():
            return [self._renderer.sheet(one) for one in sheets]


def is_on_medium(state: State) -> bool:
    """Whether what stands decided goes out on a medium."""
    return has_medium(state.decision)


def has_medium(decision: Decision | None) -> bool:
    """Whether the reply that tells the decision goes out on a medium.

    Of a decision from before, a reply on paper with more records than were printed may have one
    beside it; its letter tells.
    """
    if not isinstance(decision, CaseDecided) or not decision.disclosed:
        return False
    has_extra_medium = decision.disclosed > ROWS_MAX and not decision.whole_on_paper
    return decision.medium == ELECTRONIC or has_extra_medium


def file_of(state: State) -> str:
    """Name of the encrypted file on the medium."""
    return f"reply-{state.number}.zip"


def _approved(state: State) -> tuple[bytes, datetime]:
    """The content of the newest reply that was approved, and the letter's own date."""
    newest: Reply | None = state.replies[-1] if state.replies else None
    submission = state.submission
    is_waiting = state.status == CaseStatus.NOTICE_READY
    is_sent = newest is not None and submission is not None and newest.content == submission.content
    if submission is None or not (is_waiting or is_sent):
        raise CaseStatusError(state.status.value, "download")
    if not is_on_medium(state):
        raise NotFoundError
    assert state.submitted_at is not None, "what was approved was submitted"
    return submission.content, state.submitted_at
