"""What was begun is recorded by a process that nobody asks, one after the other."""

import logging

import pytest

from api.server.bulk_committer import Committer
from ledger.transfers.bulk.errors import BulkClosedError, ContentDiffersError, PartsMissingError
from tests.bulk.sending import Sender, people, split
from tests.ledger.inside import Inside


@pytest.fixture
def committer(house: Inside, sending: Sender) -> Committer:
    return Committer(sending.bulk, lambda: house.now)


def test_a_commit_that_was_begun_is_carried_out(
    house: Inside, sending: Sender, committer: Committer
) -> None:
    one = sending.staged("b1", split(people(30), 10))
    assert not committer.look(), "nobody has committed it"
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    assert house.head() == 0, "whoever closes it does not wait for its record"
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    assert committer.look()
    found = sending.bulk.find(one.bulk, house.now)
    result = sending.bulk.result(found)
    assert result is not None
    assert (found.state, result.persons) == ("committed", 30)
    assert not committer.look()
    assert sending.bulk.close(one.bulk, house.now).state == "committed"


def test_one_that_is_not_whole_cannot_be_closed(house: Inside, sending: Sender) -> None:
    parts = split(people(30), 10)
    one = sending.bulk.begin(sending.announced("b1", parts), house.now)
    sending.put(one, 1, parts[0])
    with pytest.raises(PartsMissingError):
        sending.bulk.close(one.bulk, house.now)
    sending.put(one, 2, parts[0])
    sending.put(one, 3, parts[2])
    with pytest.raises(ContentDiffersError):
        sending.bulk.close(one.bulk, house.now)
    assert sending.bulk.find(one.bulk, house.now).state == "uploading"
    sending.put(one, 2, parts[1])
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    with pytest.raises(BulkClosedError):
        sending.put(one, 2, parts[0])


def test_one_that_cannot_be_recorded_stops_none_behind_it(
    house: Inside, sending: Sender, committer: Committer, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = (sending.staged(key, split(people(30), 10)) for key in ("b1", "b2"))
    for one in (broken, whole):
        sending.bulk.close(one.bulk, house.now)
    with house.house.writer.connection() as connection:
        connection.execute("DELETE FROM ledger.bulk_pieces WHERE bulk = %s", (broken.bulk,))
    with caplog.at_level(logging.ERROR):
        assert committer.look()
        assert not committer.look(), "it is tried again, but not at once"
    [said] = caplog.records
    assert "a piece of a bulk transfer is missing" in said.getMessage()
    assert sending.bulk.find(whole.bulk, house.now).state == "committed"
    assert sending.bulk.find(broken.bulk, house.now).state == "committing"
