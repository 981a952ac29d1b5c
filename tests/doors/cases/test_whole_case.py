"""Whole cases through the doors: from the arrival of a request to its end."""

import csv
import io
import json
import zipfile
from datetime import timedelta

from ledger.clock import day_in_japan, now
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import (
    ADDRESS,
    APPROVER,
    DESK,
    POST_NUMBER,
    SENDER,
    WHO,
    begun,
    both,
    look,
    paper,
    today,
)
from tests.doors.corridor import Corridor, fresh_id, open_doors
from tests.doors.samples import provision, receipt


def test_a_principal_asks_and_everything_is_disclosed(corridor: Corridor) -> None:
    corridor.record(provision())
    corridor.record(receipt())
    case = begun(corridor)
    doors = ["documents", "withdrawal", "death", "entry-mistake", "print-as"]
    assert (case.status, case.next) == ("received", doors)
    case.verified()
    assert case.status == "search"
    case.identified()
    found = case.last["search"]
    assert (found["provided"] >= 1, found["received"] >= 1) == (True, True)
    case.do("decisions", {})
    assert case.last["outcome"] == "full_disclosure"
    assert case.fetch("/reply.pdf", scopes=SENDER).code == "CASE_STATUS"
    case.do("submit")
    assert "approve" not in case.next
    case.approve()
    pdf = case.content("/reply.pdf")
    assert pdf.startswith(b"%PDF")
    no_number = case.ask("dispatch", {"dispatched_on": today(), "item_number": "hello"})
    assert (no_number.status, no_number.errors) == (422, {"/item_number": "ITEM_NUMBER_MALFORMED"})
    case.dispatch()
    assert case.status == "dispatched"
    assert case.content("/reply.pdf") == pdf
    case.do("delivery", {"delivered_on": today()})
    assert (case.status, case.next) == ("closed", ["returned-mail", "reopen"])
    whole = case.read(APPROVER, "approver")
    [reply] = whole["replies"]
    assert (reply["outcome"], reply["item_number"]) == ("full_disclosure", POST_NUMBER)
    types = [one["type"] for one in whole["events"]]
    assert types[0] == "case-received"
    assert types[-2:] == ["case-delivered", "case-closed"]
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        assert files.namelist() == ["reply.pdf", "records.csv", "records.json", "verify.txt"]
        assert files.read("reply.pdf") == pdf
        assert files.read("records.csv").startswith(b"\xef\xbb\xbf")


AGENTS = {
    "requester": "mandated_agent",
    "form": {
        "name": NAME,
        "postal_code": "100-6150",
        "address": ADDRESS,
        "agent_name": "代理 次郎",
    },
}
MANDATE = paper(
    "power_of_attorney",
    by_principal=True,
    seal_as_certified=True,
    covers_this_request=True,
    issued_on=None,
)
del MANDATE["issued_on"]


def test_an_agent_sends_the_missing_paper_and_the_principal_is_answered(
    corridor: Corridor,
) -> None:
    corridor.record(provision())
    case = begun(corridor, **AGENTS)
    case.do("documents", look(*both(), *both("agent")))
    assert case.last["check"]["outcome"] == "correction_requested"
    assert case.last["check"]["reasons"] == ["MANDATE_MISSING"]
    refused = case.ask("verification")
    assert (refused.code, refused.body["reasons"]) == ("IDENTITY_NOT_PROVEN", ["MANDATE_MISSING"])
    case.do("correction-request")
    assert case.content("/letters/correction.pdf", *DESK).startswith(b"%PDF")
    assert case.read()["clocks"]["correction_due_on"]["runs"]
    case.do("resubmission", {"arrived_on": today(), "note": "委任状が届いた"})
    case.do("documents", look(*both(), *both("agent"), MANDATE)).do("verification")
    assert case.read()["reply_to"]["person"] == "principal"
    case.identified().do("decisions", {}).do("submit").approve().dispatch()
    case.do("delivery", {"delivered_on": today()})
    assert case.status == "closed"


def test_one_record_is_withheld_and_the_rest_disclosed(corridor: Corridor) -> None:
    record = corridor.record(provision())["transfer"]
    corridor.record(provision())
    case = begun(corridor).verified().identified()
    count = case.last["search"]["provided"]
    case.do("decisions", {"withheld": [{**HELD, "record": record}]})
    assert case.last["outcome"] == "partial_disclosure"
    [held] = case.read()["decision"]["withheld"]
    assert held["record"] == record
    case.do("submit").approve().dispatch()
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        rows = list(csv.reader(io.StringIO(files.read("records.csv").decode("utf-8-sig"))))
    asked = case.read()["search"]
    assert len(rows) == 1 + count - 1 + asked["received"]


HELD = {"ground": "ART33_2_I", "reason": "第三者の権利利益を害するおそれがあるため"}


EMAIL = {"scheme": "email", "id": "cnry-none@example.jp"}


def test_one_item_of_data_is_withheld_by_its_name_and_every_item_is_the_record(
    corridor: Corridor,
) -> None:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    sent = provision(principals=[{**who, "name": NAME}], items=["氏名", "購入履歴"])
    record = corridor.record(sent)["transfer"]
    case = begun(corridor, identifiers=[who]).verified().identified(identifiers=[who])
    case.do("decisions", {"withheld": [{**HELD, "record": record, "items": ["購入履歴"]}]})
    assert case.last["outcome"] == "partial_disclosure"
    case.do("submit").approve()
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        told = files.read("records.json").decode()
    assert "氏名" in told
    assert "購入履歴" not in told
    codes = ["COUNTERPARTY", "PRINCIPAL", "CONSENT", "氏名", "購入履歴"]
    case.do("return", {"reason": "不開示の範囲を広げる"})
    case.do("decisions", {"withheld": [{**HELD, "record": record, "items": codes}]})
    assert case.last["outcome"] == "non_disclosure"
    [held] = case.read()["decision"]["withheld"]
    assert held["items"] == []
    case.do("decisions", {"withheld": [{**HELD, "record": record, "items": ["CONSENT"]}]})
    case.do("submit").approve()
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        letter = json.loads(files.read("records.json"))
    [line] = letter["content"]["lines"]
    assert "route" not in line


def test_nobody_is_found_under_two_kinds_of_identifiers(corridor: Corridor) -> None:
    strangers = [{"scheme": "member", "id": "CNRY-none"}, {"scheme": "phone", "id": "03-0000-0099"}]
    case = begun(corridor, identifiers=strangers[:1]).verified()
    nobody = {"identifiers": [], "evidence": "該当なし", "tried": strangers[:1]}
    assert case.ask("principal", nobody).errors == {"/tried": "TOO_FEW_TRIED"}
    corridor.record(provision())
    known = {**nobody, "tried": [WHO, *strangers]}
    assert case.ask("principal", known).errors == {"/tried/0": "TRIED_HAS_RECORDS"}
    left_out = case.ask("principal", {**nobody, "tried": [strangers[1], EMAIL]})
    assert left_out.errors == {"/application/identifiers/0": "FORM_IDENTIFIER_LEFT_OUT"}
    case.do("principal", {**nobody, "tried": strangers})
    case.do("decisions", {})
    assert case.last["outcome"] == "not_exist"
    case.do("submit").approve().dispatch()
    assert case.read()["replies"][0]["outcome"] == "not_exist"
    assert case.content("/address.pdf").startswith(b"%PDF")


def test_a_letter_that_came_back_is_answered_anew_after_another_look_at_the_papers(
    corridor: Corridor,
) -> None:
    record = corridor.record(provision())["transfer"]
    case = begun(corridor).submitted().approve().dispatch()
    first = case.content("/reply.pdf")
    case.do("returned-mail", {"returned_on": today(), "reason": "not_collected"})
    assert case.status == "returned"
    again = {"dispatched_on": today(), "item_number": POST_NUMBER}
    assert case.ask("dispatch", again).code == "CASE_STATUS"  # the address has to be proven anew
    case.submitted().approve().dispatch(item_number="123-45-67890-2")
    whole = case.read()
    assert [one["returned"] for one in whole["replies"]] == ["not_collected", None]
    assert [one["superseded"] for one in whole["replies"]] == [True, False]
    assert case.content("/reply.pdf?reply=1") == first
    assert case.content("/reply.pdf") == case.content("/reply.pdf?reply=2") != first
    assert case.fetch("/reply.pdf?reply=3", scopes=SENDER).code == "NOT_FOUND"
    case.do("close", {"note": "配達状況の報告なし"})
    change = {"changes": {"items": ["氏名"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{record}/corrections", change)
    case.do("reopen", {"reason": "記録の訂正があった"}).identified().do("decisions", {})
    case.do("submit").approve().dispatch(item_number="123-45-67890-3")
    assert [one["supplementary"] for one in case.read()["replies"]] == [False, True, True]


def test_a_refusal_waits_for_the_time_of_its_correction_and_for_two_people(
    database: Database,
) -> None:
    clock = [now()]
    with open_doors(database.urls, clock=lambda: clock[0]) as corridor:
        case = begun(corridor).do("documents", look(paper("seal_certificate")))
        assert case.ask("refusal").code == "IDENTITY_NOT_PROVEN"
        case.do("correction-request")
        assert case.ask("refusal").code == "IDENTITY_NOT_PROVEN"
        clock[0] += timedelta(days=60)
        case.do("refusal").do("submit")
        case.approve().dispatch(dispatched_on=day_in_japan(clock[0]).isoformat())
        whole = case.read()
        [reply] = whole["replies"]
        assert reply["outcome"] == "procedural_refusal"
        assert whole["decision"]["ground"] == "IDENTITY"
        suit = whole["clocks"]["suit_possible_from"]["on"]
        assert suit <= reply["dispatched_on"]
        case.do("close", {})
        assert case.status == "closed_procedural"
