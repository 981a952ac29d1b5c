"""Notices: published in versions, withdrawn, listed; and what they do to verdicts."""

from typing import Any

from tests.doors.corridor import Corridor
from tests.doors.samples import joint_use, notice, today


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


def next_version(label: str, begins: str, **changes: object) -> dict[str, Any]:
    """A version as it was, published on the day on which it takes effect."""
    whole = notice()["version"]
    return {**whole, "version": label, "in_force_from": begins, "published_on": begins, **changes}


HOTEL = {"party_id": "group-hotel", "name": "例示ホテル株式会社"}
MORE_USERS = [*notice()["version"]["scope"], HOTEL]
MORE_PURPOSES = [*notice()["version"]["purposes"], {"code": "safety", "label": "不正の防止"}]


def test_an_unlawful_change_is_refused_with_its_article_in_two_languages(
    corridor: Corridor,
) -> None:
    named = {"notice_id": "ju-unlawful"}
    publish(corridor, notice(**named))
    body = notice(
        **named,
        version=next_version("2026-04", "2026-04-01", scope=MORE_USERS, purposes=MORE_PURPOSES),
    )
    key = corridor.key("notices:write")
    answer = corridor.ask("POST", "/v1/notices", body, key=key)
    assert (answer.status, answer.code) == (409, "UNLAWFUL_CHANGES")
    assert answer.errors == {
        "/version/scope/2": "JU_CHANGE_NOT_ALLOWED",
        "/version/purposes/1": "JU_CHANGE_NOT_ANNOUNCED_BEFORE",
    }
    assert all("Act 27(" in one["detail"] for one in answer.body["errors"])
    assert [one["article"] for one in answer.body["changes"]] == ["27(5)(iii), 27(6)", "27(6)"]
    assert HOTEL["name"] not in answer.text
    japanese = {"Accept-Language": "ja"}
    answer = corridor.ask("POST", "/v1/notices", body, key=key, headers=japanese)
    assert all("法第27条第" in one["detail"] for one in answer.body["errors"])
    assert len(listed(corridor, "ju-unlawful")["positions"]) == 1


def test_an_unlawful_change_is_recorded_with_its_findings_when_it_is_meant(
    corridor: Corridor,
) -> None:
    named = {"notice_id": "ju-meant"}
    publish(corridor, notice(**named))
    changed = next_version("2026-04", "2026-04-01", scope=MORE_USERS)
    body = notice(**named, version=changed, record_unlawful_changes=True)
    told = publish(corridor, body)
    change = {
        "kind": "add_user",
        "pointer": "/version/scope/2",
        "code": "JU_CHANGE_NOT_ALLOWED",
        "lawful": False,
        "article": "27(5)(iii), 27(6)",
    }
    assert told["changes"] == [change]
    found = listed(corridor, "ju-meant")
    assert "record_unlawful_changes" not in found
    first, second = found["versions"]
    assert (first["changes"], first["findings"]) == ([], [])
    assert (second["changes"], second["findings"]) == ([change], ["JU_CHANGE_NOT_ALLOWED"])


def test_what_is_stated_of_a_change_is_judged_shown_and_no_part_of_the_notice(
    corridor: Corridor,
) -> None:
    named = {"notice_id": "ju-stated"}
    assert publish(corridor, notice(**named))["changes"] == []
    us, travel = notice()["version"]["scope"]
    stated = {
        "principals_consented": True,
        "successions": [{"from": travel["party_id"], "to": HOTEL["party_id"]}],
    }
    more = [{"category": "基本情報", "listed": ["氏名", "ご利用履歴", "電話番号"]}]
    changed = next_version("2026-04", "2026-04-01", scope=[us, HOTEL], items=more)
    told = publish(corridor, notice(**named, version=changed, stated=stated))
    assert {one["pointer"]: one["code"] for one in told["changes"]} == {
        "/version/items/0/listed": "WITH_CONSENT",
        "/version/scope/1": "SUCCESSION_OF_USER",
    }
    found = listed(corridor, "ju-stated")
    assert "stated" not in found
    assert found["versions"][1]["stated"] == stated
    assert found["versions"][1]["findings"] == []
