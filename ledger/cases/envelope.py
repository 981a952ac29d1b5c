"""Two requests in one envelope: two cases, one set of papers.

Each case is its own: nothing of a verification passes over by itself. The officer takes the papers
over; what was judged of them for the other request (the form, and whether a mandate covers this
one) is judged anew.

Source: the published procedure (one form for each kind of request).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledger.cases.events.intake import Application, Examination
from ledger.cases.replacement import is_mistaken_entry
from ledger.cases.state import State
from ledger.cases.steps import CheckDocuments
from ledger.errors import Defect, MalformedError
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
_BESIDE = {
    "billing_is_registered": "billing_address",
    "representative_is_on_papers": "representative_address",
}
"""What was judged of another address → the field of the form that it was judged of."""

_ONE_PERSON = "what came in one envelope came at once, from one person"


def check_same(asked: Application, other: State | None) -> None:
    """Pass when `asked` can have come in the envelope of `other`.

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
    defects = tuple(_differing(asked, other.application))
    if defects:
        raise MalformedError(defects)


def _differing(asked: Application, other: Application) -> Iterator[Defect]:
    for name in _SAME:
        if getattr(asked, name) != getattr(other, name):
            yield Defect(f"/{name}", "NOT_THE_SAME_ENVELOPE", _ONE_PERSON)
    # A form without a name is incomplete: it is no other person yet.
    name, theirs = _name(asked), _name(other)
    if name and theirs and name != theirs:
        yield Defect(f"/form/{NAME}", "NOT_THE_SAME_ENVELOPE", _ONE_PERSON)
    if asked.kind == other.kind:
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


def taken_over(
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
    for fact, field in _BESIDE.items():
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
