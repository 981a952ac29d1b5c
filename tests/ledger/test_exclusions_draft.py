"""The draft of what is excluded, as it lies in the database: its size and its token."""

from contextlib import closing

from tests.ledger.excluding import exclude, lift, rows, second_house
from tests.ledger.inside import Inside
from tests.ledger.test_exclusions_stored import JOB, repeat, standing


def test_the_draft_grows_when_its_size_is_raised_and_not_when_something_is_excluded_next(
    house: Inside,
) -> None:
    house.record("t1")
    exclude(house, 1)
    repeat(house)
    read = "SELECT octet_length(sealed) FROM ledger.exclusions"
    assert rows(house, read) == [(8_192 + 28,)]
    with closing(second_house(house, 16_384)) as other:
        # The day's event stands already; the process that was started with more looks again.
        assert other.exclusions().repeat(house.now, JOB).position is None
        assert rows(house, read) == [(16_384 + 28,)]
        assert standing(house) == [1]
        [before] = rows(house, "SELECT token FROM ledger.exclusions")
        other.exclusions().repeat(house.now, JOB)
        assert rows(house, "SELECT token FROM ledger.exclusions") == [before]


def test_a_token_tells_whether_the_draft_was_written_meanwhile(house: Inside) -> None:
    house.record("t1")
    hiding = house.house.streams.hiding
    assert hiding.token() is None
    exclude(house, 1)
    first = hiding.token()
    assert first == hiding.token() is not None
    lift(house, 1)
    assert hiding.token() not in (None, first)
