"""What those who watch find in a ledger, made through the API; and what must stand on no page."""

from datetime import timedelta
from typing import Any

from ledger.clock import day_in_japan, now
from tests import canary
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.office import Office

HOSTILE = "<script>alert(1)</script>&amp;\"'\u3000見張り"
HOSTILE_SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#34;&#39;\u3000見張り"
CANARY = canary.WATCHED


def day(back: int) -> str:
    """The day so many days ago in Japan."""
    return (day_in_japan(now()) - timedelta(days=back)).isoformat()


def register(office: Office, emitter: str, source: str, **members: object) -> None:
    """Describe an emitter."""
    key = office.key("admin:config", owner="operator")
    body = {"source": source, "name": "広告配信基盤", "since": day(60), **members}
    answer = office.api("PUT", f"/v1/emitters/{emitter}", key, body)
    assert answer.status_code == 200, answer.text


def declare(
    office: Office, emitter: str, source: str, back: int, upto: int, **more: object
) -> None:
    """Declare days complete, or take them back."""
    key = office.key("coverage:write", owner=emitter, source=source)
    body = {"from": day(back), "to": day(upto), **more}
    answer = office.api("PUT", f"/v1/emitters/{emitter}/coverage", key, body)
    assert answer.status_code == 200, answer.text


def rejected(office: Office, **changes: object) -> str:
    """An item that the ledger refuses and keeps; its id."""
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[], **changes)}
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [item]})
    assert answer.status_code == 422, answer.text
    return answer.json()["quarantine"]


def sender(office: Office) -> str:
    """A key that sends transfers of `SOURCE`."""
    return office.key("events:write", owner="sender", source=SOURCE)


def recorded(office: Office, **changes: object) -> dict[str, Any]:
    """A transfer that the ledger records; its result."""
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(**changes)}
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [item]})
    assert answer.status_code == 200, answer.text
    [result] = answer.json()["results"]
    assert result["status"] == "recorded", result
    return result


def looks(office: Office) -> int:
    """How many looks are on record."""
    key = office.key("audit:read", owner="auditor")
    answer = office.api("GET", "/v1/accesses?limit=500", key)
    assert answer.status_code == 200, answer.text
    return len(answer.json()["accesses"])


def marked(office: Office, **changes: object) -> str:
    """A transfer that is hidden under Order 11; its id."""
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(**changes), "order_11": "i"}
    key = office.key("events:write", "records:exclude", owner="marker", source=SOURCE)
    answer = office.api("POST", "/v1/transfers", key, {"items": [item]})
    assert answer.status_code == 200, answer.text
    [result] = answer.json()["results"]
    return result["transfer"]
