"""A rejected item whose content does not open stops no case, and is told to whoever keeps them.

Attack: whoever holds the login of the writer, without the ledger secret, adds a row to the rejected
items with any bytes for its content, or none. Each case whose records were searched for, its
decision, and the list of rejected items answer 500 from then on.

Held off by: each row is opened by itself; one that does not open is named in the log by its number,
counts as one that may be anybody's (`unreadable`), and stands in the list as `CONTENT_UNOPENED`, to
be discarded by two. Nobody repairs it: whose source it was cannot be told.
"""

import logging
import os
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from tests import canary
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, verified

ADDRESS = "/desk/emitters/quarantine"


def malformed(office: Office) -> UUID:
    key = office.key("events:write", owner="emitter", source=SOURCE)
    item = {"source": SOURCE, "id": fresh_id(), "data": {"x": fresh_id()}}
    answer = office.api("POST", "/v1/transfers", key, {"items": [item]})
    return UUID(answer.json()["quarantine"])


def plant(office: Office, content: bytes | None) -> UUID:
    """Add a row with that content, under a key that lives."""
    planted, beside = random_uuid(), malformed(office)
    with psycopg.connect(office.urls.writer) as writer:
        writer.execute(
            "INSERT INTO ledger.quarantine"
            " (id, content_key, received_at, key_id, sealed, codes, restricted)"
            " SELECT %s, %s, '2020-01-01', key_id, %s, ARRAY['SCHEMA'], false"
            " FROM ledger.quarantine WHERE id = %s",
            (planted, os.urandom(16), content, beside),
        )
    return planted


@pytest.mark.parametrize("content", [os.urandom(300), b"", None], ids=["bytes", "empty", "null"])
def test_what_does_not_open_is_told_and_discarded_and_stops_nothing(
    office: Office, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    work, who = Work(office), member()
    case = verified(work, who, name=canary.APPLICANT)
    case.do("principal", {"tried": [who, ABSENT], "evidence": "該当なし"})
    with caplog.at_level(logging.ERROR, logger="ledger.quarantine"):
        kept = plant(office, content)
        keeper = office.key("quarantine:write", owner="keeper")
        listed = office.api("GET", "/v1/quarantine?limit=100", keeper)
        answer = office.api("GET", f"/v1/cases/{case.id}", work.key("officer"))
    assert (listed.status_code, answer.status_code) == (200, 200)
    lines = {one.getMessage() for one in caplog.records if str(kept) in one.getMessage()}
    assert lines == {f"a rejected item does not open: {kept}"}
    [point] = [one for one in answer.json()["points"] if one["point"] == "quarantine"]
    assert [one["subject"] for one in point["subjects"]] == ["unreadable"]

    items = {one["id"]: one for one in listed.json()["items"]}
    assert items[str(kept)]["item"] is None
    assert [one["code"] for one in items[str(kept)]["errors"]] == ["CONTENT_UNOPENED"]
    repaired = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    refused = office.api("POST", f"/v1/quarantine/{kept}/repair", keeper, repaired)
    assert [one["code"] for one in refused.json()["errors"]] == ["CONTENT_UNOPENED"]
    person = office.person("keeper")
    shown = person.get(ADDRESS)
    assert "保存された内容を開けません" in shown.text
    assert "送信元に再送を依頼し" in person.get(f"{ADDRESS}/{kept}").text
    for owner in ("keeper", "second-keeper"):
        key = office.key("quarantine:write", owner=owner)
        assert office.api("POST", f"/v1/quarantine/{kept}/discard", key).status_code == 200
    case.do("decisions", {}).do("submit").do("approve", by="approver")
