"""A publication of what was looked at is refused when something came in between."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.cases.refusals import StaleVersionError
from ledger.commands import PublishNotice, WithdrawNotice
from ledger.crypto.pseudonyms import random_uuid
from tests.ledger.inside import Inside
from tests.ledger.test_notice import MARCH, joint, withdrawal


def anew(command: PublishNotice, expected_version: int | None) -> PublishNotice:
    return replace(command, command=random_uuid(), expected_version=expected_version)


def ending(day: date, expected_version: int | None) -> WithdrawNotice:
    return replace(withdrawal(day), command=random_uuid(), expected_version=expected_version)


def test_a_notice_is_published_as_it_was_seen_and_not_otherwise(house: Inside) -> None:
    publish = house.ledger.publish
    with pytest.raises(StaleVersionError):
        publish(anew(joint("v1"), 1), house.now)
    publish(anew(joint("v1"), 0), house.now)
    with pytest.raises(StaleVersionError):
        publish(anew(joint("v2", MARCH), 0), house.now)
    publish(anew(joint("v2", MARCH), 1), house.now)
    # Who looked at nothing publishes on whatever stands, as at the doors.
    publish(anew(joint("v3", MARCH), None), house.now)
    [state] = house.ledger.notices()
    assert (state.version, len(state.published)) == (3, 3)


def test_a_notice_is_withdrawn_as_it_was_seen_and_not_otherwise(house: Inside) -> None:
    publish = house.ledger.publish
    publish(anew(joint("v1"), None), house.now)
    publish(anew(joint("v2", MARCH), None), house.now)
    with pytest.raises(StaleVersionError):
        publish(ending(MARCH, 1), house.now)
    assert house.ledger.notices()[0].withdrawn_on is None
    publish(ending(MARCH, 2), house.now)
    assert house.ledger.notices()[0].withdrawn_on == MARCH


def test_a_command_that_stands_is_not_asked_what_it_saw(house: Inside) -> None:
    first = anew(joint("v1"), 0)
    told = house.ledger.publish(first, house.now)
    again = house.ledger.publish(first, house.now)
    assert (again.position, again.known) == (told.position, True)
