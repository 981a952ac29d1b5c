"""Which transfers the work list of late causes looks at, and what was recorded behind a cause."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from ledger.commands import CorrectTransfer, LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.policies.context import Context
from ledger.transfers.causes import Causes
from ledger.transfers.reassessments import BEGIN, Reassessments, VerdictProposal
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery
from projections.verification import IndexDifference, differences
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside, inside
from tests.projections.log import log_of


def stop(house: Inside, who: str) -> int:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person(who), "consent_withdrawn", date(2026, 1, 1)
    )
    return house.ledger.direct(command, house.now).position


def link(house: Inside, a: str, b: str) -> int:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "住民票")
    return house.ledger.link(command, house.now).position


def add(house: Inside, stream: Any, *who: str) -> None:  # noqa: ANN401 -- an id
    changes: dict[str, Any] = {"principals": [{"scheme": "member", "id": one} for one in who]}
    command = CorrectTransfer(random_uuid(), ACTOR, stream, changes, "帰属誤り")
    house.ledger.correct(command, house.now)


def recorded_unseen(
    house: Inside, patched: pytest.MonkeyPatch, key: str, *, follows: bool = False
) -> int:
    """Record a transfer of P1, whose stop comes in between its verdict and its place.

    Args:
        follows: the read side takes in the stop before the record is there.
    """
    gather = VerdictInputs.gather

    with inside(house.database) as other, patched.context() as within:

        def gathered(
            judging: VerdictInputs, questions: Sequence[VerdictQuery]
        ) -> tuple[int, list[Context]]:
            found = gather(judging, questions)
            within.undo()
            stop(other, "P1")
            if follows:
                house.follow()
            return found

        within.setattr(VerdictInputs, "gather", gathered)
        return house.record(key, data("P1")).position


def belated(house: Inside) -> list[int]:
    """Where the belated events stand."""
    rows = house.connection.execute("SELECT position FROM projections.belated ORDER BY 1")
    return [row[0] for row in rows.fetchall()]


def looked_at(house: Inside, cause: int) -> list[int]:
    """Where the transfers stand that are looked at for a cause."""
    causes = Causes(house.house.reader, house.house.streams)
    [fact] = [one for one in causes.from_(cause, 1) if one.position == cause]
    return [position for _, position in causes.candidates(fact, 0, 100)]


def proposed(house: Inside) -> list[VerdictProposal]:
    house.follow()
    return Reassessments(house.house.reader, house.house.streams).page(BEGIN, 100)[0]


def named(house: Inside) -> list[IndexDifference]:
    return list(differences(house.connection, log_of(house.house), house.house.secret))


def test_what_was_recorded_with_a_cause_in_view_is_not_looked_at(house: Inside) -> None:
    for key in ("t1", "t2"):
        house.record(key, data("P1"))
    cause = stop(house, "P1")
    for key in ("t3", "t4", "t5"):
        house.record(key, data("P1"))
    house.follow()
    assert (looked_at(house, cause), belated(house)) == ([1, 2], [])
    assert [one.cause_position for one in proposed(house)] == [cause, cause]


@pytest.mark.parametrize("follows", [False, True])
def test_what_was_recorded_behind_a_cause_that_its_verdict_had_not_seen_is_proposed(
    house: Inside, monkeypatch: pytest.MonkeyPatch, *, follows: bool
) -> None:
    house.record("t1", data("P2"))
    position = recorded_unseen(house, monkeypatch, "t2", follows=follows)
    house.record("t3", data("P1"))
    house.follow()
    assert (belated(house), position, named(house)) == ([3], 3, [])
    assert looked_at(house, 2) == [3]
    [proposal] = proposed(house)
    state = house.house.streams.transfer_state(proposal.transfer)
    assert (proposal.cause_position, state and state.first_position) == (2, 3)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_transfer_that_several_events_name_is_looked_at_once_and_hides_no_other(
    house: Inside, limit: int
) -> None:
    first, second = (house.record(key, data("P9")).transfer for key in ("t1", "t2"))
    house.record("t3", data("P1"))
    for who in ("P1", "P2", "P1"):  # an event names whom it brings in
        add(house, first, who)
    add(house, second, "P1")
    cause = stop(house, "P1")
    house.follow()
    causes = Causes(house.house.reader, house.house.streams)
    [fact] = causes.from_(cause, 1)
    found = [0]
    while chunk := causes.candidates(fact, found[-1], limit):
        found += [position for _, position in chunk]
    assert found == [0, 1, 2, 3]
