"""What is submitted, approved and posted, made of the case as it stands."""

from dataclasses import dataclass
from datetime import date, datetime

from api.auth import Caller
from api.case_replies import Replies, check_still_named
from api.case_replies.enclosures import has_medium, is_on_medium
from api.resources.cases.dispatch.approver_access import check_opened
from api.resources.cases.steps import Make
from api.web.padding_clock import SEARCH_STEPS, widen_padding
from ledger.cases.case import State, content_of
from ledger.cases.events.reply import PasswordPosted
from ledger.cases.steps import Approve, Dispatch, PostPassword, Submit
from ledger.errors import Defect, MalformedError, SeparationOfDutiesError
from ledger.service import Ledger


@dataclass(frozen=True, slots=True)
class PostedReply:
    """What is said of the post.

    Attributes:
        item_number: 引受番号; sheets: None for those that were counted at the approval.
        already_posted: it was in the post before the records changed.
        password_letter: the item of its own by which the password of a medium went.
    """

    dispatched_on: date
    item_number: str
    sheets: int | None = None
    already_posted: bool = False
    password_letter: PasswordPosted | None = None


def submitting(replies: Replies) -> Make:
    """Makes the letter, and asks another person to approve exactly it.

    The step raises, besides what `Replies` does:
        NothingToSupplementError: the person has a reply in hand that tells the same.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> Submit:
        widen_padding(SEARCH_STEPS)
        _check_person(ledger, state, replies)
        replies.check_points(state)
        return Submit(*replies.to_submit(state, at))

    return make_step


def approving(replies: Replies, caller: Caller) -> Make:
    """Makes anew what was submitted, to be approved by somebody who opened and did not prepare it.

    The step raises, besides what `Replies` does:
        SeparationOfDutiesError: the caller prepared it; nothing is rendered for them.
        NotOpenedError: they have not opened it; of what is not any more what was submitted that is
            said instead, for nobody can open it.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> Approve:
        widen_padding(SEARCH_STEPS)
        reading = ledger.procedure_of(state).readings.preparers
        if not caller.actors.isdisjoint(state.step_actors.preparers(reading)):
            raise SeparationOfDutiesError
        _check_person(ledger, state, replies)
        replies.check_points(state)
        at, code = submitted(state)
        rendered, document, found = replies.prepared(state, at, code)
        assert state.submission is not None, "the status says that it was submitted"
        if content_of(state, rendered, code) == state.submission.content:
            check_opened(ledger, state, replies, caller.actor)
        bound = found.bound(ledger.streams.ledger, state)
        return Approve(rendered, document.documents, document.sheets, bound)

    return make_step


def dispatching(replies: Replies, posted: PostedReply) -> Make:
    """Puts down that what is kept since its approval went into the post.

    The step raises, besides what `Replies` does:
        MalformedError: `NO_MEDIUM`, a password is told of a reply that has none.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> Dispatch:
        del ledger, at
        widen_padding(SEARCH_STEPS)
        if posted.password_letter is not None and not is_on_medium(state):
            detail = "the reply goes out without a medium: no password is sent"
            raise MalformedError((Defect("/password_letter/item_number", "NO_MEDIUM", detail),))
        rendered, _ = replies.approved(state)
        return Dispatch(
            rendered,
            posted.dispatched_on,
            posted.item_number,
            posted.sheets,
            posted.already_posted,
            posted.password_letter,
        )

    return make_step


def posting_password(item: PasswordPosted) -> Make:
    """Puts down that the password of the newest reply went into the post, after its dispatch was.

    The step raises:
        MalformedError: `NO_MEDIUM`, the reply has none.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> PostPassword:
        del ledger, at
        if not has_medium(state.replies[-1].decision):
            detail = "the reply went out without a medium: no password is sent"
            raise MalformedError((Defect("/item_number", "NO_MEDIUM", detail),))
        return PostPassword(item.dispatched_on, item.item_number)

    return make_step


def submitted(state: State) -> tuple[datetime, str]:
    """The letter's own date and its code: what stands since it was submitted."""
    assert state.submission is not None, "the status says that it was submitted"
    assert state.submitted_at is not None, "the status says that it was submitted"
    return state.submitted_at, state.submission.verification_code


def _check_person(ledger: Ledger, state: State, replies: Replies) -> None:
    """Pass when whom a stop would reach is whom the form names; see `check_still_named`."""
    if state.person is not None:
        as_of = ledger.streams.reads.head()
        found = replies.search(state.person.identifiers, as_of, state.application)
        check_still_named(state, found, ledger.streams)
