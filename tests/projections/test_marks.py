"""What emitters marked (Order 11) is left out of an answer before any of it is read."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import psycopg
import pytest

from ledger.streams.streams import AnyFact
from projections.rebuild import rebuild
from tests.ledger.excluding import lift
from tests.ledger.given import data, person
from tests.ledger.inside import Inside
from tests.projections.older import without_marks

NAME = "見本 花子"
WHO = "P1"


def sent(house: Inside, key: str, mark: int, who: str = WHO) -> UUID:
    principals = [{"scheme": "member", "id": who, "name": NAME}]
    return house.record(key, data(principals=principals), mark).transfer


def read_by(house: Inside, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The streams that are read from here on."""
    read: list[UUID] = []
    facts = house.house.streams.facts

    def counted(
        streams: Sequence[UUID], up_to: int | None, chunks: object = None
    ) -> Mapping[UUID, list[AnyFact]]:
        read.extend(streams)
        return facts(streams, up_to) if chunks is None else facts(streams, up_to, chunks)  # type: ignore[arg-type] -- handed through

    monkeypatch.setattr(house.house.streams, "facts", counted)
    return read


def test_a_history_reads_what_it_shows_and_nothing_that_is_marked(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = {sent(house, f"t{n}", mark=1) for n in range(3)}
    shown = sent(house, "t3", mark=0)
    position = house.follow()
    read = read_by(house, monkeypatch)
    found = house.house.histories.page([person(WHO)], position, None, 10).entries
    assert [one.transfer for one in found] == [shown]
    assert marked.isdisjoint(read)


def test_a_search_by_name_reads_no_record_that_is_marked(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = {sent(house, f"t{n}", 1, f"H{n}") for n in range(3)}
    sent(house, "t3", 0)
    position = house.follow()
    read = read_by(house, monkeypatch)
    found = house.house.names.called(NAME, position, 10)
    assert found.identifiers == (person(WHO),)
    assert marked.isdisjoint(read)


def test_a_mark_that_was_lifted_hides_nothing(house: Inside) -> None:
    transfer = sent(house, "t1", mark=2)
    assert house.page(WHO).entries == ()
    lift(house, 1)
    assert [one.transfer for one in house.page(WHO).entries] == [transfer]


def test_an_index_of_before_hides_the_same_and_knows_marks_once_it_is_built_anew(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked, shown = sent(house, "t1", mark=3), sent(house, "t2", mark=0)
    house.follow()
    without_marks(house.connection, house.house.secret)
    assert [one.transfer for one in house.page(WHO).entries] == [shown]
    rebuild(house.house.follower(), house.connection)
    position = house.follow()
    read = read_by(house, monkeypatch)
    found = house.house.histories.page([person(WHO)], position, None, 10).entries
    assert [one.transfer for one in found] == [shown]
    assert marked not in read


def test_each_transfer_has_one_row_more_whether_it_is_marked_or_not(house: Inside) -> None:
    sent(house, "t1", mark=1)
    sent(house, "t2", mark=0)
    house.follow()
    with psycopg.connect(house.database.admin) as connection:
        rows = connection.execute(
            "SELECT position, count(*), count(name_key), count(DISTINCT principal_key)"
            " FROM projections.entries GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert rows == [(1, 2, 1, 2), (2, 2, 1, 2)]
