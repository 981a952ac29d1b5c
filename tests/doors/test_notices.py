"""Notices: published in versions, withdrawn, listed; and what they do to verdicts."""

from typing import Any

import pytest

from tests.doors.corridor import Corridor
from tests.doors.samples import REMOVED, joint_use, notice, provision, today

FILING = {
    "kind": "opt_out",
    "notice_id": "oo-doors",
    "available_from": "2025-03-01",
    "filed_on": "2025-03-01",
    "start_planned": "2025-04-01",
    "items": ["氏名", "ご利用履歴"],
}


def publish(corridor: Corridor, body: object, status: int = 200) -> dict[str, Any]:
    answer = corridor.ask("POST", "/v1/notices", body, key=corridor.key("notices:write"))
    assert answer.status == status, answer.text
    return answer.body


def listed(corridor: Corridor, notice_id: str) -> dict[str, Any]:
    answer = corridor.ask("GET", "/v1/notices", key=corridor.key("audit:read"))
    assert answer.status == 200
    [found] = [one for one in answer.body["notices"] if one["notice_id"] == notice_id]
    return found


def test_a_notice_is_published_in_versions_and_withdrawn(corridor: Corridor) -> None:
    named = {"notice_id": "ju-versions"}
    transfer = joint_use(notice_id="ju-versions")
    assert corridor.record(transfer)["findings"] == ["JU_NO_NOTICE"]
    first = publish(corridor, notice(**named))
    assert corridor.record(transfer)["findings"] == []
    second = {**notice()["version"], "version": "2026-04", "in_force_from": "2026-04-01"}
    publish(corridor, notice(**named, version=second))
    assert publish(corridor, notice(**named), 409)["code"] == "ALREADY_STANDS"
    changes = [{"changed_on": "2026-06-01", "field": "representative"}]
    amendment = notice(**named, responsible_changes=changes)
    del amendment["version"]
    publish(corridor, amendment)
    found = listed(corridor, "ju-versions")
    assert [one["version"] for one in found["versions"]] == ["2025-04", "2026-04"]
    assert found["responsible_changes"] == changes
    assert found["positions"][0] == first["position"]
    assert len(found["positions"]) == 3
    assert found["withdrawn_on"] is None
    end = {"day": today(), "reason": "共同利用の終了"}
    path = "/v1/notices/ju-versions/withdrawal"
    key = corridor.key("notices:write")
    assert corridor.ask("POST", path, end, key=key).status == 200
    assert listed(corridor, "ju-versions")["withdrawn_on"] == today()
    assert corridor.record(transfer)["findings"] == ["JU_NO_NOTICE"]
    assert corridor.ask("POST", path, end, key=key).code == "DOES_NOT_STAND"


def test_an_opt_out_filing_is_published_and_relied_on(corridor: Corridor) -> None:
    transfer = provision(basis="opt_out_27_2", notice_id="oo-doors", consent=REMOVED)
    assert corridor.record(transfer)["findings"] == ["OPT_OUT_NOT_FILED"]
    publish(corridor, FILING)
    assert corridor.record(transfer)["findings"] == []
    assert publish(corridor, FILING, 409)["code"] == "ALREADY_STANDS"
    assert listed(corridor, "oo-doors")["items"] == FILING["items"]
    other = publish(corridor, notice(notice_id="oo-doors"), 422)
    assert other["errors"][0]["pointer"] == "/kind"
    assert other["errors"][0]["code"] == "NOTICE_KIND_DIFFERS"


def test_an_amendment_is_taken_back_by_the_same_words_as_before(corridor: Corridor) -> None:
    named = {"notice_id": "ju-back-and-forth"}
    publish(corridor, notice(**named))
    amended: list[dict[str, Any]] = []
    for title in ("甲", "乙", "甲"):
        amendment = notice(**named, title=title)
        del amendment["version"]
        publish(corridor, amendment)
        amended.append(amendment)
    assert listed(corridor, "ju-back-and-forth")["title"] == "甲"
    assert publish(corridor, amended[-1], 409)["code"] == "ALREADY_STANDS"


def test_an_amendment_needs_a_version_and_an_end_a_notice(corridor: Corridor) -> None:
    amendment = notice(notice_id="ju-unknown")
    del amendment["version"]
    refused = publish(corridor, amendment, 422)
    assert refused["errors"][0]["code"] == "VERSION_MISSING"
    assert refused["errors"][0]["pointer"] == "/version"
    answer = corridor.ask(
        "POST",
        "/v1/notices/ju-unknown/withdrawal",
        {"day": today(), "reason": "なし"},
        key=corridor.key("notices:write"),
    )
    assert (answer.status, answer.code) == (409, "DOES_NOT_STAND")


def test_only_who_may_publishes(corridor: Corridor) -> None:
    for key in (corridor.emitter, corridor.key("records:read"), corridor.key("audit:read")):
        assert corridor.ask("POST", "/v1/notices", FILING, key=key).code == "SCOPE_MISSING"


@pytest.mark.parametrize("member", ["notice_id", "title", "version"])
def test_a_notice_has_no_name_that_nobody_can_see(corridor: Corridor, member: str) -> None:
    unseen = "\u200b"
    body = notice(notice_id="ju-unseen")
    if member == "version":
        body["version"]["version"] = unseen
    else:
        body[member] = unseen
    answer = corridor.ask("POST", "/v1/notices", body, key=corridor.key("notices:write"))
    assert answer.status == 422, answer.text
    assert "visible" in answer.text
