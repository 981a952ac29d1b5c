"""What an emitter sends after a decision, and nobody can compare, takes back no decision.

Attack: any key of `events:write` sends one malformed item of 60 kB with more values than are
parsed, or a line that is cut off. It may be anybody's, so it is a subject of the point of every
case, and each decision that waits for its approval is refused as one of before; when it is decided
anew the next item comes.

Held off by: what can be compared with nobody is one subject, however many wait
(`api.case_replies.points.UNREADABLE`), so that a further one changes nothing that was answered; and
what came after a decision counts for the next one alone
(`ledger.quarantine.service.Quarantine.matching`, `until`). Before a decision the first one is
answered.
"""

from collections.abc import Callable
from typing import Any, Final

import httpx2
import pytest

from tests import canary
from tests.doors.answering import POINTS
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.doors.test_events import LINES
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified


def large(office: Office, key: str) -> int:
    item = {"source": SOURCE, "id": fresh_id(), "data": {"x": [0] * 20_001}}
    return office.api("POST", "/v1/transfers", key, {"items": [item]}).status_code


def cut_off(office: Office, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": LINES}
    line = b'{"id":"%s' % fresh_id().encode()
    url, content = f"{office.url}/v1/events", line + b"\n"
    answer = httpx2.post(url, content=content, headers=headers, trust_env=False, timeout=60)
    assert answer.json()["results"][0]["quarantine"]
    return 422


SEND: Final = (large, cut_off)
Send = Callable[[Office, str], int]


def told(case: Worked) -> list[dict[str, Any]]:
    office, key = case.work.office, case.work.key("officer")
    points = office.api("GET", f"/v1/cases/{case.id}", key).json()["points"]
    return [one for one in points if one["point"] == "quarantine"]


def searched(work: Work, name: str, *, is_found: bool) -> Worked:
    who = member()
    if is_found:
        sent(work.office, provision(principals=[{**who, "name": name}]))
    case = verified(work, who, name=name)
    found = {"identifiers": [who], "tried": [ABSENT]} if is_found else {"tried": [who, ABSENT]}
    return case.do("principal", {**found, "evidence": "会員番号を照合した"})


@pytest.mark.parametrize("send", SEND)
def test_a_decision_that_waits_for_its_approval_stands_whatever_others_send(
    office: Office, send: Send
) -> None:
    key = office.key("events:write", owner=f"e-{fresh_id()}", source=SOURCE)
    work = Work(office)
    cases = [
        searched(work, name, is_found=is_found).do("decisions", {}).do("submit")
        for name, is_found in ((canary.NAME, True), (canary.STRANGER, False))
    ]
    before = [told(one) for one in cases]
    for one in cases:
        assert send(office, key) == 422
        assert [told(one) for one in cases] == before
        one.do("approve", by="approver")


def test_a_further_one_changes_nothing_that_a_case_was_told(office: Office) -> None:
    key = office.key("events:write", owner=f"e-{fresh_id()}", source=SOURCE)
    case = searched(Work(office), canary.STRANGER, is_found=False)
    large(office, key)
    before = told(case)
    assert [one["subject"] for one in before[0]["subjects"]] == ["unreadable"]
    for send in SEND:
        send(office, key)
        assert told(case) == before
    refused = office.api(
        "POST",
        f"/v1/cases/{case.id}/decisions",
        case.work.key("officer"),
        {"points": {}},
        **{"If-Match": case.etag},
    )
    assert [one["code"] for one in refused.json()["errors"]] == ["POINT_NOT_ANSWERED"]
    case.do("decisions", {"points": POINTS})
    large(office, key)
    case.do("submit").do("approve", by="approver")
