"""Links and stops: one stream each, and the newest event says what stands."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands import (
    LiftDirective,
    LinkIdentifiers,
    ReceiveDirective,
    RenamePrincipal,
    UnlinkIdentifiers,
)
from ledger.errors import AlreadyStandsError, DoesNotStandError, MalformedError
from ledger.format.events import (
    DirectiveEvent,
    DirectiveLifted,
    DirectiveReceived,
    IdentifiersLinked,
    IdentifiersUnlinked,
    PrincipalRenamed,
)
from ledger.persons import directive, link
from ledger.policies.context import ActiveStop
from tests.ledger.given import ACTOR, COMMAND, expired, facts, person

A, B = person("P1"), person("A1", "account")
LINK = LinkIdentifiers(COMMAND, ACTOR, A, B, "住民票と契約情報")
UNLINK = UnlinkIdentifiers(COMMAND, ACTOR, A, B, "取り違え")
LINKED = IdentifiersLinked(A, B, "住民票と契約情報")
UNLINKED = IdentifiersUnlinked(A, B, "取り違え")


def test_linking_states_the_evidence() -> None:
    assert link.link(LINK, None) == LINKED


def test_an_identifier_is_not_linked_to_itself() -> None:
    with pytest.raises(MalformedError):
        link.link(LinkIdentifiers(COMMAND, ACTOR, A, person("P1", name="見本"), "同じ"), None)


def test_a_link_that_stands_is_not_made_again() -> None:
    with pytest.raises(AlreadyStandsError):
        link.link(LINK, link.fold(None, facts([LINKED])))


def test_only_a_link_that_stands_is_taken_away() -> None:
    assert link.unlink(UNLINK, link.fold(None, facts([LINKED]))) == UNLINKED
    for state in (None, link.fold(None, facts([LINKED, UNLINKED]))):
        with pytest.raises(DoesNotStandError):
            link.unlink(UNLINK, state)


def test_a_link_may_be_made_again_after_it_was_taken_away() -> None:
    assert link.link(LINK, link.fold(None, facts([LINKED, UNLINKED]))) == LINKED


def test_a_link_whose_key_is_dead_does_not_stand() -> None:
    state = link.fold(None, facts([LINKED, expired("identifiers-unlinked")]))
    assert state is not None
    assert not state.stands
    assert state.version == 2


@given(st.lists(st.sampled_from([LINKED, UNLINKED]), min_size=1, max_size=6))
def test_the_newest_event_alone_says_whether_the_link_stands(
    events: list[IdentifiersLinked | IdentifiersUnlinked],
) -> None:
    state = link.fold(None, facts(events))
    assert state is not None
    assert state.stands == isinstance(events[-1], IdentifiersLinked)


WHO = person()
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
KIND = "provision_stopped"


def stop(day: date, party: str | None = None) -> DirectiveReceived:
    return DirectiveReceived(WHO, KIND, day, party)


def lift(day: date, party: str | None = None) -> DirectiveLifted:
    return DirectiveLifted(KIND, day, party)


def receive(day: date, party: str | None = None) -> ReceiveDirective:
    return ReceiveDirective(COMMAND, ACTOR, WHO, KIND, day, party, "電話")


def state_of(*events: DirectiveEvent) -> directive.State:
    state = directive.fold(None, facts(events))
    assert state is not None
    return state


def days_on(day: date, *events: DirectiveEvent) -> list[date]:
    return [one.day for one in directive.stops_on(state_of(*events), day)]


def test_a_stop_is_received_as_stated() -> None:
    event = directive.receive(receive(APRIL, "docomo"), None)
    assert event == DirectiveReceived(WHO, KIND, APRIL, "docomo", "電話")


def test_a_stop_that_stands_from_that_day_or_earlier_is_not_received_again() -> None:
    for day in (APRIL, MAY):
        with pytest.raises(AlreadyStandsError):
            directive.receive(receive(day), state_of(stop(APRIL)))
    assert directive.receive(receive(MARCH), state_of(stop(APRIL))).day == MARCH


def test_a_stop_towards_one_party_is_another_than_one_towards_all() -> None:
    assert directive.receive(receive(APRIL, "docomo"), state_of(stop(APRIL)))
    assert directive.receive(receive(APRIL), state_of(stop(APRIL, "docomo")))


def test_a_lifted_stop_may_come_again() -> None:
    assert directive.receive(receive(MAY), state_of(stop(MARCH), lift(APRIL))).day == MAY


def test_a_lifted_stop_counts_for_the_days_before() -> None:
    events = (stop(MARCH), lift(MAY))
    assert days_on(APRIL, *events) == [MARCH]
    assert days_on(MAY, *events) == []


def test_a_stop_that_begins_later_is_handed_on_with_its_day() -> None:
    # The policy compares the day; what is asked here is only whether the stop was lifted.
    assert days_on(MARCH, stop(MAY)) == [MAY]


def test_lifting_ends_the_stops_of_that_kind_and_party_only() -> None:
    other = DirectiveReceived(WHO, "consent_withdrawn", MARCH)
    state = state_of(stop(MARCH), stop(MARCH, "docomo"), other, lift(APRIL))
    left = directive.stops_on(state, MAY)
    assert left == (ActiveStop(KIND, MARCH, "docomo"), ActiveStop("consent_withdrawn", MARCH))


def test_only_a_stop_that_stands_is_lifted() -> None:
    command = LiftDirective(COMMAND, ACTOR, WHO, KIND, MAY)
    assert directive.lift(command, state_of(stop(MARCH))) == DirectiveLifted(KIND, MAY)
    for state in (None, state_of(stop(MARCH), lift(APRIL)), state_of(stop(MARCH, "docomo"))):
        with pytest.raises(DoesNotStandError):
            directive.lift(command, state)


def test_a_new_name_follows_the_old_one() -> None:
    first, second = PrincipalRenamed(WHO, "見本 花子"), PrincipalRenamed(WHO, "試験 花子")
    assert state_of(first, second).names == ((1, "見本 花子"), (2, "試験 花子"))
    rename = RenamePrincipal(COMMAND, ACTOR, WHO, "試験 花子")
    assert directive.rename(rename, state_of(first)) == second
    with pytest.raises(AlreadyStandsError):
        directive.rename(rename, state_of(first, second))


def test_what_has_expired_says_nothing() -> None:
    state = directive.fold(None, facts([stop(MARCH), expired("directive-lifted")]))
    assert state is not None
    assert state.version == 2
    assert len(directive.stops_on(state, MAY)) == 1
