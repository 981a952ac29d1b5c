"""Links and stops: one stream each, and the newest event says what stands."""

from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands import (
    LiftDirective,
    LinkIdentifiers,
    PlaceHold,
    ReceiveDirective,
    ReleaseHold,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    AlreadyActiveError,
    DoesNotStandError,
    ExpiredError,
    MalformedError,
    NotFoundError,
)
from ledger.format.events import (
    DirectiveEvent,
    DirectiveLifted,
    DirectiveReceived,
    HoldPlaced,
    HoldReleased,
    IdentifiersLinked,
    IdentifiersUnlinked,
    PrincipalRenamed,
)
from ledger.holds import hold
from ledger.persons import directive, link
from ledger.policies.context import ActiveStop
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR, AT, COMMAND, STREAM, expired, facts, malformed, person
from tests.ledger.inside import Inside

A, B = person("P1"), person("A1", "account")
LINK = LinkIdentifiers(COMMAND, ACTOR, A, B, "住民票と契約情報")
UNLINK = UnlinkIdentifiers(COMMAND, ACTOR, A, B, "取り違え")
LINKED = IdentifiersLinked(A, B, "住民票と契約情報")
UNLINKED = IdentifiersUnlinked(A, B, "取り違え")


def test_a_link_is_made_with_its_evidence_and_taken_away_once() -> None:
    standing = link.fold(None, facts([LINKED]))
    gone = link.fold(None, facts([LINKED, UNLINKED]))
    assert link.link(LINK, None) == link.link(LINK, gone) == LINKED
    assert link.unlink(UNLINK, standing) == UNLINKED
    with pytest.raises(MalformedError):
        link.link(LinkIdentifiers(COMMAND, ACTOR, A, person("P1", name="見本"), "同じ"), None)
    with pytest.raises(AlreadyActiveError):
        link.link(LINK, standing)
    for state in (None, gone):
        with pytest.raises(DoesNotStandError):
            link.unlink(UNLINK, state)
    expired_since = link.fold(None, facts([LINKED, expired("identifiers-unlinked")]))
    assert expired_since is not None
    assert (expired_since.is_active, expired_since.version) == (False, 2)


@given(st.lists(st.sampled_from([LINKED, UNLINKED]), min_size=1, max_size=6))
def test_the_newest_event_alone_says_whether_the_link_stands(
    events: list[IdentifiersLinked | IdentifiersUnlinked],
) -> None:
    state = link.fold(None, facts(events))
    assert state is not None
    assert state.is_active == isinstance(events[-1], IdentifiersLinked)


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


def test_a_stop_is_received_unless_it_stands_from_that_day_or_earlier() -> None:
    event = directive.receive(receive(APRIL, "docomo"), None)
    assert event == DirectiveReceived(WHO, KIND, APRIL, "docomo", "電話")
    for day in (APRIL, MAY):
        with pytest.raises(AlreadyActiveError):
            directive.receive(receive(day), state_of(stop(APRIL)))
    assert directive.receive(receive(MARCH), state_of(stop(APRIL))).day == MARCH
    assert directive.receive(receive(MAY), state_of(stop(MARCH), lift(APRIL))).day == MAY
    # One towards a party is another than one towards all.
    assert directive.receive(receive(APRIL, "docomo"), state_of(stop(APRIL)))
    assert directive.receive(receive(APRIL), state_of(stop(APRIL, "docomo")))


def test_a_stop_counts_from_its_day_and_a_lifted_one_for_the_days_before() -> None:
    events = (stop(MARCH), lift(MAY))
    assert days_on(APRIL, *events) == [MARCH]
    assert days_on(MAY, *events) == []
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
    with pytest.raises(AlreadyActiveError):
        directive.rename(rename, state_of(first, second))


def test_what_has_expired_says_nothing() -> None:
    state = directive.fold(None, facts([stop(MARCH), expired("directive-lifted")]))
    assert state is not None
    assert state.version == 2
    assert len(directive.stops_on(state, MAY)) == 1


# -- holds: what they name, when they stand, how they end ------------------------------------------

TRANSFER = UUID(int=99)


def placing(
    reason: str = "訴訟",
    transfer: UUID | None = TRANSFER,
    principals: tuple[PrincipalRef, ...] = (),
    reference: str | None = None,
) -> PlaceHold:
    return PlaceHold(random_uuid(), ACTOR, HoldPlaced(reason, transfer, principals, reference))


def releasing(stream: UUID) -> ReleaseHold:
    return ReleaseHold(random_uuid(), ACTOR, stream, "和解")


def standing(reason: str = "訴訟") -> hold.State:
    state = hold.fold(None, facts([HoldPlaced(reason, TRANSFER)]))
    assert state is not None
    return state


# -- the aggregate -----------------------------------------------------------------------------


def test_a_hold_names_a_transfer_or_persons() -> None:
    assert hold.place(placing(reference="R-1"), []) == HoldPlaced("訴訟", TRANSFER, (), "R-1")
    who = (person("P1"), person("P2"))
    event = hold.place(placing(transfer=None, principals=who), [])
    assert event == HoldPlaced("訴訟", None, who)
    nothing = malformed(hold.place, placing(transfer=None), [])
    assert nothing == {("/transfer", "HOLD_NAMES_NOTHING")}
    assert malformed(hold.place, placing(principals=who), []) == {
        ("/principals", "HOLD_NAMES_BOTH")
    }


def test_a_hold_stands_until_its_release_and_is_placed_once_for_a_reason() -> None:
    state = standing()
    assert (state.hold, state.position, state.is_active) == (STREAM, 1, True)
    assert (state.transfer, state.principals, state.placed_at) == (TRANSFER, (), AT)
    assert hold.place(placing("調査"), [state]).reason == "調査"
    with pytest.raises(AlreadyActiveError):
        hold.place(placing(), [state])
    assert hold.release(releasing(STREAM), state) == HoldReleased("和解")
    both = hold.fold(None, facts([HoldPlaced("訴訟", TRANSFER), HoldReleased("和解")]))
    assert both is not None
    assert (both.is_active, both.released_at, both.version) == (False, AT, 2)
    assert hold.place(placing(), [both]).transfer == TRANSFER
    with pytest.raises(NotFoundError):
        hold.release(releasing(STREAM), None)
    with pytest.raises(DoesNotStandError):
        hold.release(releasing(STREAM), both)


def test_a_release_counts_when_its_reason_has_expired_and_a_hold_of_a_dead_key_is_unknown() -> None:
    gone = hold.fold(standing(), facts([expired("hold-released")]))
    assert gone is not None
    assert not gone.is_active
    for release in (expired("hold-released"), HoldReleased("和解")):
        assert hold.fold(None, facts([expired("hold-placed"), release])) is None


# -- on the ledger -----------------------------------------------------------------------------


def test_holds_are_placed_listed_and_released(house: Inside) -> None:
    recorded = house.record("t1")
    placed = house.ledger.hold(placing(transfer=recorded.transfer), house.now)
    who = (person("P1"), person("P2"))
    other = house.ledger.hold(placing(transfer=None, principals=who), house.now)
    house.now += timedelta(days=1)
    house.ledger.release(releasing(placed.stream), house.now)
    first, second = house.ledger.holds()
    assert (first.hold, first.position, first.transfer) == (
        placed.stream,
        placed.position,
        recorded.transfer,
    )
    assert (first.placed_at, first.released_at) == (AT, AT + timedelta(days=1))
    assert (second.hold, second.principals, second.is_active) == (other.stream, who, True)
    with pytest.raises(DoesNotStandError):
        house.ledger.release(releasing(placed.stream), house.now)


def test_what_is_there_is_held_and_a_header_tells_nothing_of_it(house: Inside) -> None:
    recorded, other = house.record("t1").transfer, house.record("t2").transfer
    house.ledger.retract(RetractTransfer(COMMAND, ACTOR, recorded, "duplicate"), house.now)
    house.ledger.hold(placing(transfer=recorded), house.now)
    event = house.events()[-1]
    assert (event.type, event.facts) == ("hold-placed", {})
    assert event.record["transfer"] == str(recorded)
    with pytest.raises(NotFoundError):
        house.ledger.hold(placing(), house.now)
    linked = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "同一人")
    stream = house.ledger.link(linked, house.now).stream
    for no_hold in (recorded, stream, TRANSFER):
        with pytest.raises(NotFoundError):
            house.ledger.release(releasing(no_hold), house.now)
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'record'")
    house.now += timedelta(minutes=6)  # longer than any key is cached
    with pytest.raises(ExpiredError):
        house.ledger.hold(placing(transfer=other), house.now)
