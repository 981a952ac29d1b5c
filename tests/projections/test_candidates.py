"""Who is called so: candidates by a folded name, after exclusion."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from ledger.streams.streams import AnyFact
from projections import names
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import data, person
from tests.ledger.inside import Inside
from tests.projections.calling import (
    LIMIT,
    NAME,
    OTHER,
    called,
    link,
    people,
    rename,
    sent,
)


def test_who_is_known_already_is_not_proposed_by_any_identifier(house: Inside) -> None:
    sent(house, "t1", ("P1", NAME), ("P2", NAME), ("P3", NAME))
    link(house, "P1", "P2")
    found = house.house.names.called(NAME, house.follow(), LIMIT, [person(" P2")])
    assert [one.id for one in found.identifiers] == ["P3"]


# -- bound and Order 11 ----------------------------------------------------------------------------


@pytest.fixture(params=[1, 2, 64])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons and transfers are looked at one by one, by two, and in one go."""
    monkeypatch.setattr(names, "PERSONS", request.param)
    monkeypatch.setattr(names, "READ", request.param)
    monkeypatch.setattr(names, "TRANSFERS", request.param)


@pytest.mark.usefixtures("few")
def test_beyond_the_bound_it_says_that_there_are_more_and_nothing_else(house: Inside) -> None:
    sent(house, "t1", *((f"P{n}", NAME) for n in range(5)))
    assert called(house, limit=5) == ["P0", "P1", "P2", "P3", "P4"]
    assert len(called(house, limit=4)) == 5
    assert called(house, limit=4)[-1] == "…"
    rename(house, "Q1", NAME)
    assert called(house, limit=5) == ["P0", "P1", "P2", "P3", "P4"]


@pytest.mark.usefixtures("few")
def test_whom_only_excluded_records_name_is_no_candidate_and_takes_no_place(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    for n in range(2, 6):
        sent(house, f"t{n}", (f"P{n}", NAME))
    sent(house, "t6", ("P7", NAME), mark=3)
    rename(house, "P7", NAME)
    assert called(house) == ["P1", "P2", "P3", "P4", "P5"]
    exclude(house, 2, 3, 4)
    assert called(house) == called(house, limit=2) == ["P1", "P5"]
    rename(house, "P2", NAME)
    assert called(house, limit=2) == ["P1", "P5"]
    lift(house, 3)
    assert called(house) == ["P1", "P3", "P5"]


@pytest.mark.parametrize(("each", "goes"), [(1, [12]), (3, [12, 24]), (12, [12, 96, 36])])
def test_records_that_nobody_may_see_are_read_in_one_go(
    house: Inside, monkeypatch: pytest.MonkeyPatch, each: int, goes: list[int]
) -> None:
    """Else the time of an answer grows with each of those whom it does not tell of."""
    house.send(
        [
            house.asked(f"t{n}-{m}", data(principals=people((f"P{n}", NAME))), 1)
            for n in range(12)
            for m in range(each)
        ]
    )
    as_of = house.follow()
    read: list[int] = []
    facts = house.house.streams.facts

    def counted(streams: Sequence[UUID], at: int) -> Mapping[UUID, list[AnyFact]]:
        read.append(len(streams))
        return facts(streams, at)

    monkeypatch.setattr(house.house.streams, "facts", counted)
    assert house.house.names.called(NAME, as_of, LIMIT).identifiers == ()
    assert read == goes


def test_a_name_that_only_an_excluded_record_says_is_not_told_by_the_others(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    sent(house, "t2", ("P1", OTHER))
    sent(house, "t3", ("P2", None))
    link(house, "P1", "P2")
    assert len(called(house)) == len(called(house, OTHER)) == 1
    exclude(house, 1)
    assert (len(called(house)), len(called(house, OTHER))) == (0, 1)
    exclude(house, 2)
    assert called(house) == called(house, OTHER) == []


def test_a_name_is_not_said_by_what_was_excluded_before_two_identifiers_were_linked(
    house: Inside,
) -> None:
    sent(house, "t1", ("P1", NAME))
    sent(house, "t2", ("P1", NAME), ("P2", NAME))
    sent(house, "t3", ("P2", OTHER))
    for position in (1, 2):
        exclude(house, position, of="P1")
    assert called(house) == ["P2"], "nobody knows yet that it is one person"
    link(house, "P1", "P2")
    assert (called(house), called(house, OTHER)) == ([], ["P2"])
    lift(house, 1, of="P2")
    assert called(house) == ["P1"]
