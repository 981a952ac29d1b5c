"""Very many persons of the applicant's name cost a look at the case no more than some do.

Attack: an emitter knows the name of who asks. It sends thousands of others of that name: after the
search, in records that were made before it and that nobody asks for, so that each is looked up; or
in a series of very many messages, all of which are folded to find the records of each of them. Each
look at the case, and each step of it, takes minutes.

Held off by: of more than fifty who came since with older records another search must speak, and
none of them is looked up (`api.case_replies.namesakes`); within one request a series is read once
(`projections.histories.series_read_once`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from ledger.cases.namesakes import NAMESAKES_MAX
from ledger.clock import day_in_japan, now
from ledger.format.events import SeriesOpened
from ledger.streams.event_opener import AnyFact
from ledger.streams.streams import Streams
from tests import canary
from tests.doors.corridor import fresh_id
from tests.doors.samples import REMOVED, SOURCE, provision
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, verified

SOME: Final = 60
"""More than are looked at of one name."""


def searched(work: Work, name: str) -> Worked:
    who = member()
    found = {"identifiers": [], "tried": [who, ABSENT], "evidence": "該当なし"}
    return verified(work, who, name=name).do("principal", found)


def send(office: Office, *items: Mapping[str, Any]) -> None:
    key = office.key("events:write", owner="emitter", source=SOURCE)
    sent = [{"source": SOURCE, "id": fresh_id(), "data": one} for one in items]
    answer = office.api("POST", "/v1/transfers", key, {"items": sent})
    assert answer.status_code == 200, answer.text
    office.catch_up()


def people(name: str) -> list[dict[str, str]]:
    ids = (f"{canary.MARK}{fresh_id()}" for _ in range(SOME))
    return [{"scheme": "member", "id": one, "name": name} for one in ids]


def test_a_crowd_with_older_records_that_nobody_asks_for_is_not_looked_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, name = Work(office), canary.STRANGER
    case = searched(work, name)
    day = (day_in_japan(now()) - timedelta(days=40)).isoformat()
    old = {"transferred_on": day, "recorded_on": day, "basis": "exempt_27_1_ii"}
    send(office, provision(principals=people(name), consent=REMOVED, **old))
    find, calls = RecordFinder.find, 0

    def counted(self: RecordFinder, *given: Any, **more: Any) -> ReplyRecords:  # noqa: ANN401 -- any
        nonlocal calls
        calls += 1
        return find(self, *given, **more)

    monkeypatch.setattr(RecordFinder, "find", counted)
    path, noted = f"/v1/cases/{case.id}/decisions", {"If-Match": case.etag}
    answer = office.api("POST", path, work.key("officer"), {"points": {}}, **noted)
    assert (answer.status_code, answer.json()["code"]) == (409, "STALE_APPROVAL")
    assert calls < NAMESAKES_MAX


def test_a_series_in_which_all_of_them_stand_is_read_once_a_request(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, name = Work(office), canary.APPLICANT
    day = (day_in_japan(now()) - timedelta(days=5)).isoformat()
    shared = {"method": "collective", "series_id": fresh_id(), "transferred_on": day}
    send(office, *(provision(principals=[one], **shared) for one in people(name)))
    reads, facts = Counter[UUID](), Streams.facts

    def counted(
        self: Streams,
        streams: Sequence[UUID],
        *given: Any,  # noqa: ANN401 -- any
    ) -> Mapping[UUID, Sequence[AnyFact]]:
        found = facts(self, streams, *given)
        begun = (one for one, events in found.items() if isinstance(events[0].event, SeriesOpened))
        reads.update(begun)
        return found

    monkeypatch.setattr(Streams, "facts", counted)
    case = searched(work, name)
    reads.clear()
    case.do("decisions")
    assert set(reads.values()) == {1}
    reads.clear()
    office.api("GET", f"/v1/cases/{case.id}", work.key("officer"))
    assert set(reads.values()) == {1}
