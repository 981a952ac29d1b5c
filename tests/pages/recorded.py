"""Records for the pages to find, sent by an emitter over the API; and cases that look for them."""

from typing import Any

from tests.doors.cases.desk import look, request
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE
from tests.pages.casework import Work, Worked
from tests.pages.office import Office

Identifier = dict[str, str]
ABSENT: Identifier = {"scheme": "email", "id": "nobody@cnry.example"}
"""What else was tried: nothing is said to be found by one kind of identifier alone."""
ADDRESS = {"postal_code": "100-6150", "address": "東京都千代田区永田町2-11-1"}


def member() -> Identifier:
    """Somebody of one test alone."""
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def sent(office: Office, *data: dict[str, Any], **mark: str) -> list[str]:
    """Record transfers; their ids. A mark under Order 11 is the chief's to give."""
    scopes = ("events:write", "records:exclude") if mark else ("events:write",)
    key = office.key(*scopes, owner="chief" if mark else "emitter", source=SOURCE)
    items = [{"source": SOURCE, "id": fresh_id(), "data": one, **mark} for one in data]
    answer = office.api("POST", "/v1/transfers", key, {"items": items})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert {one["status"] for one in results} == {"recorded"}, results
    return [one["transfer"] for one in results]


def position_of(office: Office, transfer: str) -> int:
    """Where a transfer is recorded, as 本人の履歴 tells it to an officer."""
    first = "SELECT originator_id, notification_id FROM ledger.events WHERE originator_version = 1"
    return {str(stream): position for stream, position in office.rows(first)}[transfer]


def linked(office: Office, one: Identifier, other: Identifier) -> None:
    """Say that two identifiers are one person."""
    key = office.key("records:write", owner="officer")
    body = {"a": one, "b": other, "evidence": "同じ契約"}
    answer = office.api("POST", "/v1/links", key, body)
    assert answer.status_code == 200, answer.text


def verified(work: Work, *who: Identifier, name: str, **changes: object) -> Worked:
    """A request of somebody with that name, who has been verified."""
    asked = request(**{"identifiers": list(who), "form": {"name": name, **ADDRESS}, **changes})
    return work.begun(**asked).do("documents", look()).do("verification")
