"""Addresses that are written as two and said to be one, through the doors: the officer decides."""

from typing import Any

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import (
    ADDRESS,
    AGREEING,
    APPROVER,
    WHO,
    Case,
    begun,
    look,
    received,
    request,
    today,
)
from tests.doors.cases.test_bad_cases import MY_NUMBER
from tests.doors.corridor import Corridor

TOWER = "東京都港区芝1-2-3 THE TOWER 芝 1001"
SPELLED = "東京都港区芝1丁目2番3号 ザ・タワー芝1001"
ELSEWHERE = "大阪府大阪市北区梅田3-1-3"
WHY = "建物名の英語表記(登録原本で確認)"
WHY_TOO = "建物名の英語表記(印鑑登録証明書の記載)"
REGISTERED, ON_PAPERS = "form_is_registered_because", "identity_is_form_because"


def of_the_tower(corridor: Corridor, **more: object) -> Case:
    return begun(corridor, form={"name": NAME, "postal_code": "105-0014", "address": TOWER}, **more)


def judged(**more: object) -> dict[str, Any]:
    return look(addresses={**AGREEING, "on_papers": SPELLED, "registered": SPELLED, **more})


def test_a_building_spelled_otherwise_waits_for_the_officers_reason_and_is_answered(
    corridor: Corridor,
) -> None:
    case = of_the_tower(corridor, identifiers=[WHO]).do("documents", judged())
    owed = [REGISTERED, ON_PAPERS]
    assert case.last["check"] == {"outcome": None, "reasons": [], "open": owed}
    for door in ("verification", "correction-request"):
        refused = case.ask(door)
        assert (refused.status, refused.code) == (409, "IDENTITY_NOT_PROVEN")
        told = {name: refused.body[name] for name in ("outcome", "reasons", "open")}
        assert told == {"outcome": "open", "reasons": [], "open": owed}
    whole = case.read()
    assert whole["check"]["open"] == [{"fact": REGISTERED}, {"fact": ON_PAPERS}]
    assert whole["addresses"]["form_registered"]["proposal"] == "differs"
    case.do("documents", judged(**{REGISTERED: WHY}))
    assert case.last["check"]["open"] == [ON_PAPERS]
    case.do("documents", judged(**{REGISTERED: WHY, ON_PAPERS: WHY_TOO})).do("verification")
    assert case.status == "search"
    case.identified().do("decisions", {}).do("submit")
    addresses = case.read(APPROVER, "approver")["examination"]["addresses"]
    assert (addresses[REGISTERED], addresses[ON_PAPERS]) == (WHY, WHY_TOO)
    assert case.approve().status == "notice_ready"


def test_two_places_are_one_only_by_a_reason_and_two_by_the_officers_word(
    corridor: Corridor,
) -> None:
    written = {**AGREEING, "registered": ELSEWHERE, "on_papers": ADDRESS}
    case = begun(corridor).do("documents", look(addresses=written))
    assert case.last["check"] == {"outcome": None, "reasons": [], "open": [REGISTERED]}
    case.do("documents", look(addresses={**written, "form_is_registered": False}))
    reasons = ["REGISTERED_ADDRESS_DIFFERS"]
    assert case.last["check"]["outcome"] == "correction_requested"
    assert case.last["check"]["reasons"] == reasons
    assert case.read()["check"]["reasons"] == reasons
    assert case.ask("verification").body["reasons"] == reasons
    assert case.do("correction-request").status == "correction_requested"


def test_an_address_that_came_since_is_not_one_by_an_old_tick(corridor: Corridor) -> None:
    case = of_the_tower(corridor)
    case.do("documents", judged(**{REGISTERED: WHY, ON_PAPERS: WHY_TOO})).do("verification")
    case.do("resubmission", {"arrived_on": today(), "form": {"address": ELSEWHERE}})
    assert "verification" not in case.next
    assert {"fact": "form_is_registered"} in case.read()["check"]["open"]
    case.do("documents", judged())
    assert case.last["check"] == {
        "outcome": None,
        "reasons": [],
        "open": [REGISTERED, ON_PAPERS],
    }


@pytest.mark.parametrize(
    ("because", "code"), [(" ", "SCHEMA"), ("", "SCHEMA"), (f"番号 {MY_NUMBER}", "MY_NUMBER_SHOWN")]
)
@pytest.mark.parametrize("name", [REGISTERED, ON_PAPERS])
def test_a_reason_is_said_in_words_without_an_individual_number(
    corridor: Corridor, name: str, because: str, code: str
) -> None:
    refused = of_the_tower(corridor).ask("documents", judged(**{name: because}))
    assert refused.errors == {f"/addresses/{name}": code}
    assert MY_NUMBER not in refused.text


def test_what_may_be_the_agents_address_is_no_billing_address(corridor: Corridor) -> None:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 次郎"}
    form |= {"agent_address": ELSEWHERE.removeprefix("大阪府"), "billing_address": ELSEWHERE}
    asked = {"requester": "mandated_agent", "reply_address": "billing", "form": form}
    refused = received(corridor, request(**asked))
    assert refused.errors == {"/reply_address": "REPLY_ADDRESS_MAY_BE_AGENTS"}
    assert ELSEWHERE not in refused.text
