"""Which verdicts the work list proposes: of an older reading of the law, or before late causes."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any

import pytest

from ledger.commands import CorrectTransfer, LinkIdentifiers, ReceiveDirective, ReclassifyTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError, NothingToChangeError
from ledger.policies.context import Context
from ledger.transfers.causes import Causes
from ledger.transfers.reassessments import (
    BEGIN,
    BY_READING,
    Reassessments,
    VerdictProposal,
)
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery
from projections.verification import IndexDifference, differences
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import ACTOR, data, person, received
from tests.ledger.inside import Inside, inside
from tests.ledger.older import first_reading, only_seen, second_reading
from tests.oracle.judging import to_reassess
from tests.projections.log import log_of


def reassessing(house: Inside, looked_at_max: int = 200) -> Reassessments:
    return Reassessments(house.house.reader, house.house.streams, examined_max=looked_at_max)


def proposed(
    house: Inside, limit: int = 100, looked_at_max: int = 200, *, sees_all: bool = True
) -> list[VerdictProposal]:
    """The whole list, page by page."""
    house.follow()
    found: list[VerdictProposal] = []
    place, asked = BEGIN, reassessing(house, looked_at_max)
    while True:
        page, following = asked.page(place, limit, includes_hidden=sees_all)
        found += page
        if following is None:
            return found
        place = following


def stop(house: Inside, who: str) -> int:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person(who), "consent_withdrawn", date(2026, 1, 1)
    )
    return house.ledger.direct(command, house.now).position


def link(house: Inside, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "住民票")
    house.ledger.link(command, house.now)


def acted_on(house: Inside, one: VerdictProposal) -> None:
    reassessing(house).check_cause(one.transfer, one.cause_position)
    command = ReclassifyTransfer(
        random_uuid(), ACTOR, one.transfer, {}, "解釈の改定", one.cause_position
    )
    house.ledger.correct(command, house.now)


def test_what_the_reading_changes_is_proposed_and_nothing_else(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_reading(monkeypatch):
        seen = house.record("t1", only_seen("P1")).transfer
        house.record("t2", data("P1"))
        link(house, "P8", "P9")
        both = house.record("t3", only_seen("P2", "P3")).transfer
    house.record("t4", only_seen("P1"))
    found = proposed(house)
    assert [(one.transfer, one.cause_position) for one in found] == [(seen, None), (both, None)]
    assert {str(one.transfer) for one in found} == to_reassess(house.events())
    [before, after] = [found[0].before, found[0].after]
    assert (before.duty, before.findings, before.law) == ("none", (), "2023-04-01")
    assert (after.duty, after.findings) == ("art29", ("CONSENT_NOT_OBTAINED",))
    assert after.law == "2023-04-01.r3"


def test_what_was_over_before_2022_04_01_is_proposed_as_it_was_judged_by_the_law_of_since(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = {"transferred_on": "2022-03-31"}
    by_opt_out = {"basis": "opt_out_27_2", "opt_out_published": True, "consent": None}
    with second_reading(monkeypatch):
        hidden = house.record("t1", data("P1", data_kind="pseudonymously_processed", **eve))
        bought = received("P2", **eve, **by_opt_out, acquired_unlawfully=True)
        taken = house.record("t2", bought)
        house.record("t3", data("P1", data_kind="pseudonymously_processed"))
        house.record("t4", data("P1", **eve))
    found = proposed(house)
    assert [one.transfer for one in found] == [hidden.transfer, taken.transfer]
    assert {str(one.transfer) for one in found} == to_reassess(house.events())
    assert [(one.before.in_reply, one.after.in_reply) for one in found] == [
        (False, True),
        (True, True),
    ]
    assert [(one.before.law, one.before.findings) for one in found] == [
        ("2022-04-01.r2", ("PSEUDONYMOUS_NO_VALID_ROUTE",)),
        ("2022-04-01.r2", ("OPT_OUT_UNLAWFUL_SOURCE",)),
    ]
    assert {(one.after.law, one.after.findings) for one in found} == {("2022-04-01.r3", ())}


def test_pages_of_any_size_are_one_list(house: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    with first_reading(monkeypatch):
        for n in range(7):
            house.record(f"t{n}", only_seen("P1") if n % 2 else data("P1"))
    house.record("later", data("P1"))
    whole = [one.transfer for one in proposed(house)]
    assert len(whole) == 3
    for limit, looked_at_max in product([1, 2, 3], [1, 2, 200]):
        assert [one.transfer for one in proposed(house, limit, looked_at_max)] == whole


def test_a_proposal_that_is_acted_on_is_gone_and_the_verdict_of_the_past_stays(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_reading(monkeypatch):
        house.record("t1", only_seen("P1"))
    house.follow()
    [one] = proposed(house)
    then = house.head()
    acted_on(house, one)
    assert proposed(house) == []
    [now], [before] = house.page("P1").entries, house.page("P1", as_of=then).entries
    assert (now.verdict, before.verdict) == (one.after, one.before)
    with pytest.raises(NothingToChangeError):
        acted_on(house, one)


def test_a_transfer_that_a_late_event_touches_is_proposed_once_under_that(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_reading(monkeypatch):
        both = house.record("t1", only_seen("P1")).transfer
        alone = house.record("t2", only_seen("P2")).transfer
    cause = stop(house, "P1")
    found = proposed(house, 1)
    assert [(o.transfer, o.cause_position) for o in found] == [(both, cause), (alone, None)]


def test_the_reading_is_no_cause_of_what_was_judged_under_it(house: Inside) -> None:
    judged = house.record("t1", data("P1")).transfer
    stop(house, "P1")
    house.follow()
    with pytest.raises(MalformedError) as refused:
        reassessing(house).check_cause(judged, None)
    assert [one.code for one in refused.value.defects] == ["NOT_A_CAUSE"]


def test_who_may_not_know_of_a_transfer_is_not_told_that_its_verdict_is_old(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_reading(monkeypatch):
        found = [house.record(f"t{n}", only_seen("P1")) for n in range(3)]
    house.follow()
    exclude(house, found[1].position)
    told = [one.transfer for one in proposed(house, sees_all=False)]
    assert told == [found[0].transfer, found[2].transfer]
    hurried = reassessing(house, 1)
    _, place = hurried.page(BEGIN, 1, includes_hidden=False)
    _, after = hurried.page(place or BEGIN, 1, includes_hidden=False)
    assert {place, after} == {(BY_READING, found[0].position), (BY_READING, found[2].position)}
    lift(house, found[1].position)
    assert len(proposed(house, sees_all=False)) == 3


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


def test_a_transfer_that_several_events_name_is_looked_at_once_and_hides_no_other(
    house: Inside,
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
    for limit in (1, 2, 100):
        found = [0]
        while chunk := causes.candidates(fact, found[-1], limit):
            found += [position for _, position in chunk]
        assert found == [0, 1, 2, 3]
