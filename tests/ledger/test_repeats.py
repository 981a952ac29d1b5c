"""The same request twice records nothing and answers the first receipt."""

import dataclasses
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    ReceiveDirective,
    RenamePrincipal,
    RetractTransfer,
    ViewHistory,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    AlreadyRetractedError,
    AlreadyStandsError,
    LedgerError,
    NothingToChangeError,
)
from ledger.service import CommandReceipt, RecordOutcome
from ledger.values import Json
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside
from tests.ledger.test_notice import opt_out


def told(outcomes: list[RecordOutcome]) -> list[tuple[str, int]]:
    return [(one.status, one.position) for one in outcomes]


def stop(who: str, kind: str = "consent_withdrawn") -> ReceiveDirective:
    return ReceiveDirective(random_uuid(), ACTOR, person(who), kind, date(2026, 1, 1))


# -- repeats -----------------------------------------------------------------------------------


def test_repeating_a_request_records_nothing_and_answers_the_first_receipt(house: Inside) -> None:
    first = house.record("t1")
    again = house.record("t1")
    assert again == dataclasses.replace(first, status="duplicate")
    assert house.head() == 1


def test_a_repeat_after_a_correction_and_a_stop_is_still_the_first_receipt(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2"))
    house.ledger.direct(stop("P1"), house.now)
    changes: dict[str, Json] = {"items": ["氏名"], "consent": {"obtained": False}}
    house.ledger.correct(
        CorrectTransfer(random_uuid(), ACTOR, first.transfer, changes, "誤記"), house.now
    )
    head = house.head()
    assert house.record("t1", data("P1", "P2")) == dataclasses.replace(first, status="duplicate")
    house.ledger.retract(
        RetractTransfer(random_uuid(), ACTOR, first.transfer, "duplicate"), house.now
    )
    assert house.record("t1", data("P1", "P2")).position == first.position
    assert house.head() == head + 1


def test_a_command_sent_again_after_an_unknown_outcome_answers_the_first_receipt(
    house: Inside,
) -> None:
    command = house.asked("t1", data("P1"))
    [first] = house.send([command])
    house.ledger.direct(stop("P1"), house.now)
    # The stop came later: it must not change what was recorded and acknowledged before.
    [again] = house.send([command])
    assert again == dataclasses.replace(first, status="duplicate")
    assert house.head() == 2


def _changes(house: Inside) -> list[tuple[Callable[[UUID], CommandReceipt], type[LedgerError]]]:
    """One of each kind, under a command id, and the refusal of the same once it stands."""
    transfer = house.record("t1").transfer
    ledger, now = house.ledger, house.now

    def stopped(command: UUID) -> CommandReceipt:
        return ledger.direct(dataclasses.replace(stop("P1"), command=command), now)

    def published(command: UUID) -> CommandReceipt:
        filing = dataclasses.replace(opt_out(date(2026, 1, 1), "氏名"), command=command)
        return ledger.publish(filing, now)

    return [
        (
            lambda c: ledger.correct(
                CorrectTransfer(c, ACTOR, transfer, {"items": ["氏名"]}, "誤記"), now
            ),
            NothingToChangeError,
        ),
        (
            lambda c: ledger.retract(RetractTransfer(c, ACTOR, transfer, "duplicate"), now),
            AlreadyRetractedError,
        ),
        (
            lambda c: ledger.link(
                LinkIdentifiers(c, ACTOR, person("P1"), person("P2"), "住民票"), now
            ),
            AlreadyStandsError,
        ),
        (stopped, AlreadyStandsError),
        (
            lambda c: ledger.direct(RenamePrincipal(c, ACTOR, person("P1"), "見本 花子"), now),
            AlreadyStandsError,
        ),
        (published, AlreadyStandsError),
    ]


def test_a_change_asked_for_twice_stands_once(house: Inside) -> None:
    for position, (ask, refusal) in enumerate(_changes(house), 2):
        assert ask(random_uuid()).position == position
        with pytest.raises(refusal):
            ask(random_uuid())
        assert house.head() == position


def test_a_change_sent_again_under_its_command_id_answers_the_first_receipt(house: Inside) -> None:
    for position, (ask, _) in enumerate(_changes(house), 2):
        command = random_uuid()
        first, again = ask(command), ask(command)
        assert (first.position, first.known) == (position, False)
        assert again == dataclasses.replace(first, known=True)
        assert house.head() == position


def test_a_look_put_on_record_twice_under_one_command_stands_once(house: Inside) -> None:
    look = ViewHistory(random_uuid(), ACTOR, "C-1", (person("P1"),), 0, 0, "調査")
    first, again = (house.ledger.view(look, house.now) for _ in range(2))
    assert (first.position, first.known) == (1, False)
    assert (again.position, again.known) == (1, True)
