"""Holds: what they name, when they stand, how they end."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from ledger.commands import LinkIdentifiers, PlaceHold, ReleaseHold, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    AlreadyStandsError,
    DoesNotStandError,
    ExpiredError,
    MalformedError,
    NotFoundError,
)
from ledger.format.events import HoldPlaced, HoldReleased
from ledger.holds import hold
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR, AT, COMMAND, STREAM, expired, facts, person
from tests.ledger.inside import Inside

TRANSFER = UUID(int=99)


def placing(
    reason: str = "訴訟",
    transfer: UUID | None = TRANSFER,
    principals: tuple[PrincipalRef, ...] = (),
    reference: str | None = None,
) -> PlaceHold:
    return PlaceHold(random_uuid(), ACTOR, reason, transfer, principals, reference)


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


@pytest.mark.parametrize(
    ("command", "pointer", "code"),
    [
        (placing(transfer=None), "/transfer", "HOLD_NAMES_NOTHING"),
        (placing(principals=(person("P1"),)), "/principals", "HOLD_NAMES_BOTH"),
    ],
)
def test_a_hold_that_names_both_or_nothing_is_malformed(
    command: PlaceHold, pointer: str, code: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        hold.place(command, [])
    assert [(one.pointer, one.code) for one in refused.value.defects] == [(pointer, code)]


def test_two_reasons_are_two_holds_and_the_same_reason_is_one() -> None:
    assert hold.place(placing("調査"), [standing("訴訟")]).reason == "調査"
    with pytest.raises(AlreadyStandsError):
        hold.place(placing("訴訟"), [standing("訴訟")])


def test_what_was_released_may_be_held_again() -> None:
    released = hold.fold(standing(), facts([HoldReleased("和解")]))
    assert released is not None
    assert hold.place(placing(), [released]).transfer == TRANSFER


def test_a_hold_stands_until_its_release() -> None:
    state = hold.fold(None, facts([HoldPlaced("訴訟", TRANSFER)]))
    assert state is not None
    assert (state.hold, state.position, state.stands) == (STREAM, 1, True)
    assert (state.transfer, state.principals, state.placed_at) == (TRANSFER, (), AT)
    both = hold.fold(None, facts([HoldPlaced("訴訟", TRANSFER), HoldReleased("和解")]))
    assert both is not None
    assert (both.stands, both.released_at, both.version) == (False, AT, 2)


def test_only_a_hold_that_stands_is_released() -> None:
    assert hold.release(releasing(STREAM), standing()) == HoldReleased("和解")
    with pytest.raises(NotFoundError):
        hold.release(releasing(STREAM), None)
    released = hold.fold(standing(), facts([HoldReleased("和解")]))
    with pytest.raises(DoesNotStandError):
        hold.release(releasing(STREAM), released)


def test_a_release_counts_even_when_its_reason_has_expired() -> None:
    gone = hold.fold(standing(), facts([expired("hold-released")]))
    assert gone is not None
    assert not gone.stands


def test_a_hold_whose_own_key_is_dead_is_unknown() -> None:
    assert hold.fold(None, facts([expired("hold-placed"), expired("hold-released")])) is None
    assert hold.fold(None, facts([expired("hold-placed"), HoldReleased("和解")])) is None


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
    assert (second.hold, second.principals, second.stands) == (other.stream, who, True)
    with pytest.raises(DoesNotStandError):
        house.ledger.release(releasing(placed.stream), house.now)


def test_a_header_tells_nothing_of_a_hold(house: Inside) -> None:
    recorded = house.record("t1")
    house.ledger.hold(placing(transfer=recorded.transfer), house.now)
    event = house.events()[-1]
    assert (event.type, event.facts) == ("hold-placed", {})
    assert event.record["transfer"] == str(recorded.transfer)


def test_a_retracted_transfer_is_held_and_an_unknown_one_is_not(house: Inside) -> None:
    recorded = house.record("t1").transfer
    house.ledger.retract(RetractTransfer(COMMAND, ACTOR, recorded, "duplicate"), house.now)
    house.ledger.hold(placing(transfer=recorded), house.now)
    with pytest.raises(NotFoundError):
        house.ledger.hold(placing(), house.now)


def test_a_transfer_whose_content_is_gone_cannot_be_held(house: Inside) -> None:
    recorded = house.record("t1")
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'record'")
    house.now += timedelta(minutes=6)  # longer than any key is cached
    with pytest.raises(ExpiredError):
        house.ledger.hold(placing(transfer=recorded.transfer), house.now)


def test_only_holds_are_released(house: Inside) -> None:
    recorded = house.record("t1")
    linked = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "同一人")
    stream = house.ledger.link(linked, house.now).stream
    for other in (recorded.transfer, stream, TRANSFER):
        with pytest.raises(NotFoundError):
            house.ledger.release(releasing(other), house.now)
