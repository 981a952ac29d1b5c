"""Who may be meant, and the step that says who it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from api.auth import Caller
from api.resources.cases.schemas.measures import IdentifiedPerson
from api.resources.cases.schemas.name_difference import explained
from api.resources.cases.schemas.replies import CandidatesQuery, Principal
from api.resources.cases.search.scope import PersonSearch, check_tried
from api.web.bodies import refs
from api.web.items import random_command
from api.web.padding_clock import (
    LETTER_STEPS,
    NAME_STEPS,
    SEARCH_STEPS,
    restart_padding,
    widen_padding,
)
from api.web.services import Services
from ledger.accesses import access
from ledger.cases.case import PROVISION_RECORDS, State
from ledger.cases.events.case import LeftOut
from ledger.cases.identification import named_before
from ledger.cases.intake import identifier_defects
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.namesakes import (
    NAMESAKES_MAX,
    LeftOutReason,
    NamesSearched,
    names_of,
    spelled_otherwise,
)
from ledger.cases.refusals import CaseStatusError
from ledger.cases.steps import IdentifyRecords
from ledger.commands import ViewHistory
from ledger.errors import MalformedError
from ledger.law.requests import FOR_MEASURES
from ledger.service import Ledger
from ledger.streams.history import HistoryEntry
from ledger.values import PrincipalRef
from projections.names import PersonsByName


def spelled(
    search: PersonSearch, typed: Sequence[PrincipalRef], known: Sequence[PrincipalRef]
) -> dict[PrincipalRef, str]:
    """Who has records under another spelling of an identifier → the identifier as it was typed.

    Args:
        known: identifiers of persons who are passed over.
    """
    streams = search.ledger.streams
    seen = set(streams.cluster(known, search.as_of).keys) if known else set[bytes]()
    found: dict[PrincipalRef, str] = {}
    for ref, one in spelled_otherwise(typed, streams.secret).items():
        if streams.principal_key(ref) not in seen and search.records([ref]).entries:
            seen.update(streams.cluster([ref], search.as_of).keys)
            found[ref] = one.id
    return found


def by_names(
    search: PersonSearch,
    names: tuple[str, ...],
    known: Sequence[PrincipalRef],
    left_out_reasons: tuple[LeftOutReason, ...],
    others: str | None,
) -> NamesSearched:
    """What the search by these names comes to, and what somebody says to it.

    Args:
        known: the person's identifiers, and those that were tried: they are decided on already;
            who has records under another spelling of one is found as by a name.
        left_out_reasons: why a person is somebody else, by any of that person's identifiers.

    Raises:
        NamesOutdatedError: the read side has no names, or of another version.
    """
    found, more = search.bearers.called_any(names, search.as_of, NAMESAKES_MAX, known)
    found |= spelled(search, known, (*known, *found))
    streams = search.ledger.streams
    reasons = {streams.normal(one.identifier): one.because for one in reversed(left_out_reasons)}
    left_out: list[LeftOut] = []
    is_undecided = False
    for ref, name in found.items():
        person = streams.cluster([ref], search.as_of).refs
        because = next((reasons[one] for one in (ref, *person) if one in reasons), None)
        if because is not None:
            left_out.append(LeftOut(ref, name, because))
        elif not is_undecided:
            is_undecided = bool(search.records([ref]).entries)
    return NamesSearched(names, left_out_reasons, tuple(left_out), is_undecided, more, others)


_SEARCHED = frozenset({PROVISION_RECORDS, *FOR_MEASURES})
"""Kinds of requests for which a person is looked for."""
BY_IDENTIFIER = "identifier"
BY_NAME = "name"
BY_SPELLING = "spelling"
"""How a candidate was found; the last: under another spelling of an identifier, with records."""


# Why somebody looked, as an auditor reads it. The name itself is not kept: whom it found is.
_BY_IDENTIFIER = "識別子による検索"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One identifier that somebody asked for, or that a name found; all after exclusion.

    Attributes:
        matched: `BY_IDENTIFIER`, `BY_NAME` or `BY_SPELLING`.
        name_check: how the records name the person (`ledger.policies.name_comparison.CHECKS`), or
        None. identifiers: those of the person, each with the same of itself.
        provided, received: records of each side; entries: of whatever side, for measures too.
        first_day, last_day: of the entries; None where none has a day.
    """

    search_ref: PrincipalRef
    matched: str
    name_check: str | None
    identifiers: Mapping[PrincipalRef, str | None]
    provided: int
    received: int
    entries: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Who may be meant.

    Attributes:
        more: others bear the name, too.
        viewed: where the look is on record.
    """

    as_of: int
    candidates: tuple[Candidate, ...]
    more: bool
    viewed: int


def check_searching(state: State, caller: Caller) -> None:
    """Pass when somebody's records may be looked for under this case.

    Raises:
        CaseStatusError: it has ended, nobody is looked for in its kind, or nobody is verified.
    """
    is_searching = state.is_open and state.application.kind in _SEARCHED
    is_verified = state.reply_to is not None or caller.may("records:read")
    if not (is_searching and is_verified):
        raise CaseStatusError(state.status.value, "candidates")


def find_candidates(
    body: CandidatesQuery,
    state: State,
    caller: Caller,
    services: Services,
    ledger: Ledger,
    at: datetime,
) -> SearchResult:
    """Who has an identifier or bears a name, and the records of that person the case asks for.

    The look is itself put on record. In a worker thread.

    Raises:
        MalformedError: `INVISIBLE_CHARACTER` of an identifier that the case does not name already.
        ProjectionBehindError: the read side does not reach the head in time.
        NamesOutdatedError: a name is asked for, and the read side has none.
    """
    given = refs(body.identifiers)
    if defects := tuple(identifier_defects(given, "/identifiers", named_before(state))):
        raise MalformedError(defects)
    search = PersonSearch.now(ledger, state, services)
    as_of, names = search.as_of, _names_to_search(body, state)
    called = PersonsByName((), more=False)
    other: tuple[PrincipalRef, ...] = ()
    if names or body.of_form:
        services.histories.wait(as_of, services.settings.projection_wait_s)
        restart_padding(NAME_STEPS)  # before anything is read: whom the name finds must not be seen
        by_name, more = search.bearers.called_any(names, as_of, NAMESAKES_MAX, given)
        called = PersonsByName(tuple(by_name), more=more)
        if body.of_form:
            other = tuple(spelled(search, given, (*given, *by_name)))
    refs_by_match = {BY_IDENTIFIER: given, BY_NAME: called.identifiers, BY_SPELLING: other}
    found = [
        _candidate(one, matched, search)
        for matched, those in refs_by_match.items()
        for one in those
    ]
    command = ViewHistory(
        random_command(),
        caller.actor,
        state.number,
        given + called.identifiers + other,
        as_of,
        sum(one.entries for one in found),
        access.BY_NAME if names or body.of_form else _BY_IDENTIFIER,
    )
    viewed = ledger.view(command, at)
    return SearchResult(as_of, tuple(found), called.more, viewed.position)


def _names_to_search(body: CandidatesQuery, state: State) -> tuple[str, ...]:
    """The name that was typed, and those of the application where they are asked for."""
    typed = () if body.name is None else (body.name,)
    former = tuple(body.former_names)
    of_form = names_of(state.application.form, former) if body.of_form else former
    return tuple(dict.fromkeys((*typed, *of_form)))


def _candidate(search_ref: PrincipalRef, matched: str, case: PersonSearch) -> Candidate:
    """One identifier: what is linked to it, and how many records that person has."""
    found = case.records([search_ref])
    days = sorted(day for entry in found.entries for day in _days(entry))
    check = case.names(found)
    return Candidate(
        search_ref=search_ref,
        matched=matched,
        name_check=check.check(search_ref),
        identifiers=check.linked(search_ref),
        provided=len(found.provided),
        received=len(found.received),
        entries=len(found.entries),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
    )


def _days(entry: HistoryEntry) -> tuple[date, ...]:
    return tuple(day for day in (entry.first_day, entry.last_day) if day is not None)


def records_identified(body: Principal, case: PersonSearch) -> IdentifyRecords:
    """The step that says which identifiers are the person's, with the records of by now.

    Raises:
        MalformedError: `TRIED_IS_LINKED`, `TRIED_HAS_RECORDS`.
    """
    widen_padding(SEARCH_STEPS)
    identifiers, tried = refs(body.identifiers), refs(body.tried)
    found = case.records(identifiers)
    check_tried(case, identifiers, tried, body.not_the_person)
    names_to_search = names_of(case.state.application.form, tuple(body.former_names))
    left_out = tuple(one.value() for one in body.left_out)
    searched = by_names(
        case, names_to_search, (*identifiers, *tried), left_out, body.others_left_out
    )
    sides = (found.provided, found.received)
    names = case.compared(found, identifiers, explained(body.names_differ))
    details = (tried, body.not_the_person, names, case.kinds, searched)
    return IdentifyRecords(case.as_of, identifiers, body.evidence, *sides, *details)


def person_identified(body: IdentifiedPerson, case: PersonSearch) -> IdentifyPerson:
    """The same of a request for measures: whatever is recorded is looked at for the names in it.

    Raises:
        MalformedError: `TRIED_IS_LINKED`, `TRIED_HAS_RECORDS`.
    """
    widen_padding(LETTER_STEPS)
    who = refs(body.identifiers)
    found = case.records(who)
    check_tried(case, who, refs(body.tried), body.not_the_person)
    step = body.step(case.compared(found, who, explained(body.names_differ)))
    return replace(step, kinds=case.kinds)
