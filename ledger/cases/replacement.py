"""The case in which the request of a mistaken one goes on: somebody has to answer it there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ledger.cases.events.intake import Application
from ledger.cases.events.mistakes import CaseMistakeReported
from ledger.cases.mistake_steps import DOUBLE, ENTRY
from ledger.cases.refusals import ReplacementError
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.crypto.normal_forms import EXACT, NORMALISERS, SCHEMES
from ledger.errors import Defect, MalformedError
from ledger.law.requests import WITHOUT_RECORDS
from ledger.policies.name_comparison import compared_name

_NAME = "name"
_CLOSED = frozenset({CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL})
_POINTER, _UNFIT = "/replaced_by", "REPLACEMENT_UNFIT"
_DEFECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unknown": ("CASE_UNKNOWN", "there is no such case"),
        "in_error": ("REPLACEMENT_IN_ERROR", "that case is said to be a mistake itself"),
        "ended": (
            _UNFIT,
            (
                "that case has ended without a reply of this desk, or with one that came back:"
                " nobody answers by it (what was answered elsewhere is closed here, too)"
            ),
        ),
        "kind": (_UNFIT, "that case asks for something else: it is no double"),
        "person": (_UNFIT, "the forms share neither the name nor an identifier: no double"),
        "birth_date": (_UNFIT, "the two forms give different birth dates: it is no double"),
        "identifiers": (_UNFIT, "that case leaves out an identifier that this one names"),
        "sides": (
            _UNFIT,
            "that case leaves out a side (provided or received) that this one wants",
        ),
        "period": (_UNFIT, "that case leaves out days of the period that this one wants"),
    }
)
"""What is wrong with a replacement → code and detail of the refusal."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether one case goes on in another as what it is, as far as their forms say.

    Attributes:
        answered: somebody answers by the other, or has answered and the reply did not come back.
        name: both name the principal, in spellings of one name.
        identifiers: they share one at least.
        every_identifier: the other names every one that the one names; it is searched for less
            otherwise.
        birth_date: they do not contradict one another; one may be silent.
        sides: the other asks for every side that the one asks for; a request that no record answers
            asks for none.
        period: the other asks for every day that the one asks for records of.
        medium: both ask for the same, or neither says any.
        requester: both were made by the principal, by an agent, or by a representative of one sort.
        reply_address: the same was chosen, or neither form chooses.
        arrived_on: both arrived on one day.
    """

    answered: bool
    name: bool
    identifiers: bool
    every_identifier: bool
    birth_date: bool
    sides: bool
    period: bool
    medium: bool
    requester: bool
    reply_address: bool
    arrived_on: bool


def agreement(one: State, other: State) -> Agreement:
    """What the forms of the two cases have in common; `other` is where `one` would go on."""
    ours, theirs = one.application, other.application
    names = [compared_name(form.get(_NAME, "")) for form in (ours.form, theirs.form)]
    days = {ours.birth_date, theirs.birth_date} - {None}
    own_sides = _sides(ours)
    return Agreement(
        answered=_is_answered(other),
        name=bool(names[0]) and names[0] == names[1],
        identifiers=not _identifiers(ours).isdisjoint(_identifiers(theirs)),
        every_identifier=_identifiers(ours) <= _identifiers(theirs),
        birth_date=len(days) < 2,  # noqa: PLR2004 -- two days
        sides=own_sides <= _sides(theirs),
        period=not own_sides or _covers(theirs, ours),
        medium=ours.medium == theirs.medium,
        requester=_who(ours) == _who(theirs),
        reply_address=ours.reply_address == theirs.reply_address,
        arrived_on=ours.arrived_on == theirs.arrived_on,
    )


def is_mistaken_entry(state: State) -> bool:
    """Whether the case was entered in error, or somebody says so and nobody has dismissed it."""
    return state.report is not None and state.report.event.what == ENTRY


def check_replacement(event: CaseMistakeReported, state: State, other: State | None) -> None:
    """Pass when the request of `state` can go on in `other`.

    Two doubles must not each point at the other, and nobody points at a case from which nobody
    answers. A double is one request of one person, who gets no less in the other case than they
    asked for in this one; a corrected taking-in may be another.

    Raises:
        MalformedError: `CASE_UNKNOWN`; `REPLACEMENT_IN_ERROR`, that case is said to be a mistake
            itself; `REPLACEMENT_UNFIT`, each with what is wrong.
    """
    if found := tuple(_unfit(event, state, other)):
        raise MalformedError(tuple(Defect(_POINTER, *_DEFECTS[reason]) for reason in found))


def check_replaced(event: CaseMistakeReported, state: State, other: State | None) -> None:
    """The same at the confirmation: what was named may have changed since the report.

    Raises:
        ReplacementError: the request cannot go on in that case any more.
    """
    if found := tuple(_unfit(event, state, other)):
        raise ReplacementError(found)


def _unfit(event: CaseMistakeReported, state: State, other: State | None) -> Iterator[str]:
    if event.replaced_by is None:
        return
    if other is None:
        yield "unknown"
    elif is_mistaken_entry(other):
        yield "in_error"
    else:
        if not _is_answered(other):
            yield "ended"
        if event.cause == DOUBLE:
            yield from _differences(state, other)


def _is_answered(state: State) -> bool:
    """Whether somebody answers by the case, or has answered.

    Of a closed case whose only reply came back nobody has a letter.
    """
    return state.is_open or (state.status in _CLOSED and state.current_reply is not None)


def _differences(state: State, other: State) -> Iterator[str]:
    found = agreement(state, other)
    is_one_kind = state.application.kind == other.application.kind
    if not is_one_kind:
        yield "kind"
    if not (found.name or found.identifiers):
        yield "person"
    elif not found.every_identifier:
        yield "identifiers"
    if not found.birth_date:
        yield "birth_date"
    if is_one_kind and not found.sides:
        yield "sides"
    if is_one_kind and not found.period:
        yield "period"


def _sides(application: Application) -> set[str]:
    if application.kind in WITHOUT_RECORDS:
        return set()
    return {name for name in ("provided", "received") if getattr(application, name)}


def _covers(wide: Application, narrow: Application) -> bool:
    """Whether no day of the period of `narrow` is outside that of `wide`; None has no bound."""
    return (wide.first_day or date.min) <= (narrow.first_day or date.min) and (
        narrow.last_day or date.max
    ) <= (wide.last_day or date.max)


def _who(application: Application) -> tuple[str, str | None]:
    return application.requester, application.representation


def _identifiers(application: Application) -> set[tuple[str, str]]:
    return {
        (one.scheme, NORMALISERS[SCHEMES.get(one.scheme, EXACT)](one.id))
        for one in application.identifiers
    }
