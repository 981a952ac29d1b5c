"""The sheet with the address, for an envelope with a window: what it says of a case."""

from api import documents
from api.case_replies.enclosures import file_of, is_on_medium
from api.case_replies.letters import Letters
from api.case_replies.print_choices import instead_in
from api.case_replies.values import ReplyRecords, ReplySources
from api.documents.letters import title_of
from ledger.cases.case import CaseStatus, State
from ledger.cases.letters import assembly
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.letters.assembly import LetterIdentity
from ledger.cases.reply_steps import ITEM_NUMBER

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
