"""Disclosure cases: from the arrival of a request to the delivery of its answer. One stream each.

`steps` holds the commands and the statuses in which each is open, `step_availability` what a step
needs besides, `state` a case and `transitions` and `invalidation` what each event leaves of it,
`decider` what a command does; `intake`, `papers`, `identification`, `name_differences`,
`record_decisions`, `measures` and `reply_steps` are its parts in the order of the procedure,
`content` what is approved, `envelope` what two cases of one envelope share, `mistakes` what was put
down by mistake, `replacement` where such a request goes on, `returned_mail` what the post brought
back, `end_letter` which letter tells a stop when a case ends, `duties` who may not approve,
`refusals` why not, `charge` whose work it is, `clocks` what falls due.

Source: Act Art. 33, 35, 37, 39; the published procedure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledger.cases.clocks import next_due, running
from ledger.cases.content import content_of, documents_digest, records_digest
from ledger.cases.decider import check_open, decide, procedure_of, step_name
from ledger.cases.dispatched_replies import Decision, Reply
from ledger.cases.events.case import CaseClosed, CaseWithdrawn
from ledger.cases.events.intake import Application, Examination
from ledger.cases.measures import is_owed, stops_in_letter, stops_of
from ledger.cases.mistake_steps import ENTRY, MistakeReport
from ledger.cases.replacement import (
    Agreement,
    agreement,
    check_replaced,
    check_replacement,
    is_mistaken_entry,
)
from ledger.cases.state import State
from ledger.cases.step_availability import open_steps
from ledger.cases.steps import (
    ENDED,
    ON_ITS_WAY,
    OPEN_TO,
    CaseStatus,
    CheckDocuments,
    ReceiveCase,
    RenderedHashes,
    Step,
    StepCase,
)
from ledger.cases.transitions import evolve, fold
from ledger.errors import Defect, MalformedError
from ledger.law.requests import (
    FOR_MEASURES,
    PROVISION_RECORDS,
    RETAINED_DATA,
    WITHOUT_RECORDS,
    WITHOUT_SEARCH,
)
from ledger.policies.identifiers import says_something
from ledger.policies.name_comparison import compared_name

_SAME = (
    "arrived_on",
    "postmarked_on",
    "channel",
    "requester",
    "representation",
    "about_other_person",
    "birth_date",
)
NAME = "name"
ADDRESS = "address"
_OTHER_ADDRESSES = {
    "billing_is_registered": "billing_address",
    "representative_is_on_papers": "representative_address",
}
"""What was judged of another address → the field of the form that it was judged of."""

_ONE_PERSON = "what came in one envelope came at once, from one person"


def check_same(application: Application, other: State | None) -> None:
    """Pass when `application` can have come in the envelope of `other`.

    Raises:
        MalformedError: `CASE_UNKNOWN`, it is none, or not the first of its envelope;
            `CASE_IN_ERROR`, it is said to be a mistake itself;
            `NOT_THE_SAME_ENVELOPE`, names what differs;
            `KIND_TWICE`, it asks for what the other one asks for.
    """
    if other is None or other.application.same_envelope_as is not None:
        detail = "name the first case of the envelope"
        raise MalformedError((Defect("/same_envelope_as", "CASE_UNKNOWN", detail),))
    if is_mistaken_entry(other):
        detail = "that case is said to be a mistake: name the one that goes on"
        raise MalformedError((Defect("/same_envelope_as", "CASE_IN_ERROR", detail),))
    defects = tuple(_envelope_defects(application, other.application))
    if defects:
        raise MalformedError(defects)


def _envelope_defects(application: Application, other: Application) -> Iterator[Defect]:
    for name in _SAME:
        if getattr(application, name) != getattr(other, name):
            yield Defect(f"/{name}", "NOT_THE_SAME_ENVELOPE", _ONE_PERSON)
    # A form without a name is incomplete: it is no other person yet.
    name, theirs = _name(application), _name(other)
    if name and theirs and name != theirs:
        yield Defect(f"/form/{NAME}", "NOT_THE_SAME_ENVELOPE", _ONE_PERSON)
    if application.kind == other.kind:
        yield Defect("/kind", "KIND_TWICE", "the other case asks for it already")


def _name(application: Application) -> str:
    """The principal's name as two spellings of it are compared; empty where the form has none."""
    return compared_name(application.form.get(NAME, ""))


def envelope_of(states: Sequence[State], state: State) -> tuple[State, ...]:
    """The other cases that came in the same envelope, in the order of `states`."""
    first = _first(state)
    return tuple(one for one in states if one.case != state.case and _first(one) == first)


def _first(state: State) -> object:
    return state.application.same_envelope_as or state.case


def copy_check(
    state: State,
    other: State | None,
    *,
    form_checked: bool,
    form_missing: Sequence[str] = (),
    covers_this_request: bool | None = None,
    note: str | None = None,
) -> CheckDocuments:
    """A look at the papers of the other case, as a look of this one.

    The judgement on the addresses goes with it only as far as both forms write the same address.

    Args:
        other: the case that this one shares its envelope with; None when it is gone.
        covers_this_request: of a mandate; None while nobody has looked for this request.

    Raises:
        MalformedError: `NO_PAPERS`, there is no look that could be taken over;
            `NOT_THE_SAME_ENVELOPE`, the forms write different names, or one of them none: papers
            show one person.
    """
    check = other.check if other is not None else None
    if check is None or other is None:
        detail = "the papers of the other case have not been looked at"
        raise MalformedError((Defect("", "NO_PAPERS", detail),))
    if _name(state.application) != _name(other.application):
        defect = Defect(f"/application/form/{NAME}", "NOT_THE_SAME_ENVELOPE", _ONE_PERSON)
        raise MalformedError((defect,))
    seen = check.examination
    addresses = seen.addresses
    if state.application.form.get(ADDRESS) != other.application.form.get(ADDRESS):
        addresses = replace(
            addresses,
            form_is_registered=None,
            identity_is_form=None,
            form_is_registered_because=None,
            identity_is_form_because=None,
        )
    for fact, field in _OTHER_ADDRESSES.items():
        if state.application.form.get(field) != other.application.form.get(field):
            addresses = replace(addresses, **{fact: None})
    papers = tuple(
        replace(one, covers_this_request=covers_this_request)
        if one.covers_this_request is not None
        else one
        for one in seen.papers
    )
    return CheckDocuments(
        Examination(
            papers,
            addresses,
            seen.seal_registered,
            tuple(form_missing),
            form_checked,
            note,
            seen.identity_address,
            seen.registered_address,
        )
    )


TRIES_MIN = 2
"""Letters that came back before a case is closed although the person has an older one in hand."""


def find_stop_letters(state: State, end: CaseClosed | CaseWithdrawn) -> tuple[Reply, ...] | None:
    """The letters that each tell every stop that stands, or the case does not end so.

    That is the one that the person has in hand. Nobody who withdraws is out of reach, so without
    such a letter nothing is told. At a closing it is the newest where every letter came back; and
    where those after the one in hand came back, two at least, and a note says what was tried (a
    dot or なし says nothing), they are these two: who cannot be reached keeps the stop, and the
    case ends.

    Returns:
        None: the newest letter is on its way, or came back and no other is in hand. An empty tuple:
            no letter tells anything.
    """
    held = state.current_reply
    if isinstance(end, CaseWithdrawn):
        return () if held is None else (held,)
    newest = state.replies[-1:]
    is_as_sent = state.status in ON_ITS_WAY and state.submission is not None
    if held is None:
        return None if is_as_sent else newest
    if is_as_sent and (held,) == newest:
        return None
    came_back = [one for one in state.replies if one.position > held.position]
    is_explained = says_something(end.note or "")
    if len(came_back) >= TRIES_MIN and is_explained:
        return tuple(came_back[-TRIES_MIN:])
    return (held,)


__all__ = [
    "ENDED",
    "ENTRY",
    "FOR_MEASURES",
    "OPEN_TO",
    "PROVISION_RECORDS",
    "RETAINED_DATA",
    "WITHOUT_RECORDS",
    "WITHOUT_SEARCH",
    "Agreement",
    "CaseStatus",
    "Decision",
    "MistakeReport",
    "ReceiveCase",
    "RenderedHashes",
    "Reply",
    "State",
    "Step",
    "StepCase",
    "agreement",
    "check_open",
    "check_replaced",
    "check_replacement",
    "check_same",
    "content_of",
    "copy_check",
    "decide",
    "documents_digest",
    "envelope_of",
    "evolve",
    "find_stop_letters",
    "fold",
    "is_mistaken_entry",
    "is_owed",
    "next_due",
    "open_steps",
    "procedure_of",
    "records_digest",
    "running",
    "step_name",
    "stops_in_letter",
    "stops_of",
]
