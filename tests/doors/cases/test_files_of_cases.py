"""What leaves the house: previews, letters, the reply; and when none of it may."""

import csv
import hashlib
import io
import json
import re
import zipfile
from typing import Any

from tests.canary import NAME
from tests.doors.cases.desk import (
    APPROVER,
    DESK,
    POST_NUMBER,
    SENDER,
    Case,
    begun,
    look,
    paper,
    today,
)
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision


def post_of_today() -> dict[str, str]:
    return {"dispatched_on": today(), "item_number": POST_NUMBER}


def person() -> dict[str, Any]:
    """Somebody of whom nothing is recorded yet."""
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def asked(corridor: Corridor, *records: dict[str, Any]) -> tuple[Case, list[dict[str, Any]]]:
    """A case of somebody with these records (changes of a provision), submitted for approval."""
    who = person()
    principals = [{**who, "name": "神楽坂 金糸雀"}]
    sent = [corridor.record(provision(principals=principals, **one)) for one in records]
    case = begun(corridor, identifiers=[who]).verified().identified(identifiers=[who])
    assert case.last["search"]["provided"] == len(records)
    return case.do("decisions", {}), sent


def correct(corridor: Corridor, transfer: str) -> None:
    body = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{transfer}/corrections", body)


def test_a_record_that_changed_since_the_approval_keeps_the_reply_in_the_house(
    corridor: Corridor,
) -> None:
    case, [record] = asked(corridor, {})
    case.do("submit").approve()
    assert case.content("/reply.pdf").startswith(b"%PDF")
    body = {"reason": "not_occurred"}
    corridor.officer(f"/v1/transfers/{record['transfer']}/retraction", body)
    assert case.ask("dispatch", post_of_today()).code == "STALE_APPROVAL"
    for what in ("/reply.pdf", "/reply.zip"):
        answer = case.fetch(what, scopes=SENDER, by="dispatcher")
        assert (answer.status, answer.code) == (409, "STALE_APPROVAL")


def test_every_change_of_the_records_is_one_answer_at_every_door(corridor: Corridor) -> None:
    def corrected(transfer: str) -> None:
        correct(corridor, transfer)

    def retracted(transfer: str) -> None:
        corridor.officer(f"/v1/transfers/{transfer}/retraction", {"reason": "not_occurred"})

    def excluded(transfer: str) -> None:
        body = {"action": "exclude", "transfers": [transfer], "ground": "i", "reason": "危害"}
        key = corridor.key("records:exclude", label="chief")
        assert corridor.ask("POST", "/v1/exclusions", body, key=key).status == 200

    told: list[list[tuple[int, str | None, Any]]] = []
    for happens in (corrected, retracted, excluded):
        case, [record, _] = asked(corridor, {}, {"transferred_on": "2026-01-05"})
        happens(record["transfer"])
        answers = [
            case.ask("decisions", {}),
            case.fetch("/preview.pdf"),
            case.ask("submit"),
        ]
        case, [record, _] = asked(corridor, {}, {"transferred_on": "2026-01-05"})
        case.do("submit")
        happens(record["transfer"])
        answers.append(case.ask("approve", scopes=APPROVER, by="approver"))
        answers.append(case.fetch("/preview.pdf"))
        told.append([(one.status, one.code, one.body["detail"]) for one in answers])
    assert told[0] == told[1] == told[2]
    assert {code for _, code, _ in told[0]} == {"STALE_APPROVAL"}


def test_the_address_sheet_is_no_way_to_the_result_before_the_approval(
    corridor: Corridor,
) -> None:
    case, _ = asked(corridor, {})
    case.do("submit")
    answer = case.fetch("/address.pdf", scopes=SENDER, by="dispatcher")
    assert (answer.status, answer.code) == (409, "CASE_STATUS")
    assert case.content("/address.pdf", *DESK).startswith(b"%PDF")
    case.approve()
    assert case.content("/address.pdf").startswith(b"%PDF")


def test_nothing_of_a_reply_leaves_before_its_approval(corridor: Corridor) -> None:
    case, _ = asked(corridor, {})
    for step in ("", "submit"):
        if step:
            case.do(step)
        for what in ("/reply.pdf", "/reply.zip"):
            answer = case.fetch(what, scopes=SENDER, by="dispatcher")
            assert (answer.status, answer.code) == (409, "CASE_STATUS")
    approver = case.content("/preview.pdf", *APPROVER)
    assert approver == case.content("/preview.pdf", *DESK)
    case.approve()
    assert case.content("/reply.pdf") == approver


def test_the_files_carry_sums_and_names_without_a_person(corridor: Corridor) -> None:
    case, _ = asked(corridor, {}, {"transferred_on": "2026-01-05"})
    case.do("submit").approve()
    waiting = case.content("/reply.zip")
    case.dispatch()
    assert case.content("/reply.zip") == waiting
    with zipfile.ZipFile(io.BytesIO(waiting)) as files:
        lines = files.read("verify.txt").decode("ascii").splitlines()
        pairs = [line.split("  ") for line in lines if not line.startswith("#")]
        sums = {name: told for told, name in pairs}
        assert set(sums) == {"reply.pdf", "records.csv", "records.json"}
        for name, told in sums.items():
            assert hashlib.sha256(files.read(name)).hexdigest() == told
    key = corridor.key(*SENDER, label="dispatcher")
    got = corridor.client.get(f"{case.path}/reply.zip", headers={"Authorization": f"Bearer {key}"})
    number = case.last["number"]
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"] == f'attachment; filename="reply-{number}-1.zip"'


def test_every_document_that_is_fetched_is_on_record(corridor: Corridor) -> None:
    case, _ = asked(corridor, {})
    case.content("/preview.pdf", *DESK)
    case.content("/letters/receipt.pdf", *DESK)
    case.do("submit").approve()
    case.content("/address.pdf")
    case.content("/reply.pdf")
    case.dispatch()
    case.content("/reply.zip")
    auditor = corridor.key("audit:read")
    seen = corridor.ask("GET", f"/v1/accesses?case={case.last['number']}", key=auditor).body
    # What waits for an approval is named by its content.
    named = [
        (one["what"], re.sub("-[0-9a-f]{16}", "-…", one["document"]))
        for one in seen["accesses"]
        if "document" in one  # else somebody bears the name, and was looked at as a candidate
    ]
    assert named == [
        ("letter_preview", "preview.pdf"),
        ("letter", "receipt.pdf"),
        ("letter_preview", "reply-….pdf"),
        ("letter", "address.pdf"),
        ("reply_file", "reply.pdf"),
        ("reply_file", "reply.zip"),
    ]


def test_a_letter_that_is_not_due_is_not_found(corridor: Corridor) -> None:
    case = begun(corridor)
    for kind in ("correction", "method"):
        assert case.fetch(f"/letters/{kind}.pdf").code == "NOT_FOUND"
    assert case.fetch("/letters/farewell.pdf").status == 422
    assert case.fetch("/address.pdf").code == "NOT_FOUND"
    case.do("documents", look(paper("seal_certificate"))).do("correction-request")
    first = case.content("/letters/correction.pdf", *DESK)
    assert first.startswith(b"%PDF")
    assert case.content("/letters/correction.pdf", *DESK) == first


FIRST: dict[str, Any] = {"ground": "ART33_2_I", "reason": "第三者の権利利益を害するおそれ"}
SECOND: dict[str, Any] = {
    "ground": "ART33_2_II",
    "reason": "評価の仕組みが知られるおそれ",
    "causes": ["evaluation_system"],
}


def known(corridor: Corridor) -> tuple[Case, list[str]]:
    """A case of somebody with two records, and these."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    sent = provision(principals=[{**who, "name": NAME}], items=["氏名", "購入履歴"])
    records = [corridor.record(sent)["transfer"] for _ in range(2)]
    case = begun(corridor, identifiers=[who]).verified().identified(identifiers=[who])
    return case, records


def files(case: Case) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The letter as JSON, and the rows of the CSV."""
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        letter = json.loads(found.read("records.json"))
        text = found.read("records.csv").decode("utf-8-sig")
    return letter["content"], list(csv.DictReader(io.StringIO(text)))


def test_items_of_one_record_are_withheld_on_two_grounds(corridor: Corridor) -> None:
    case, [record, _] = known(corridor)
    apart = [
        {**FIRST, "record": record, "items": ["COUNTERPARTY"]},
        {**SECOND, "record": record, "items": ["購入履歴"]},
    ]
    case.do("decisions", {"withheld": apart})
    assert case.last["outcome"] == "partial_disclosure"
    assert case.read()["decision"]["disclosed"] == 2
    case.do("submit").approve()
    letter, rows = files(case)
    assert [(one["ground"], one["reason"], one["parts"]) for one in letter["withheld"]] == [
        (FIRST["ground"], FIRST["reason"], [[1, "COUNTERPARTY"]]),
        (SECOND["ground"], SECOND["reason"], [[1, "ITEMS"]]),
    ]
    assert [row["開示しない記録事項"] for row in rows] == ["提供の相手方、個人データの項目", ""]
    assert "購入履歴" not in rows[0]["個人データの項目"]
    assert case.content("/reply.pdf").startswith(b"%PDF")
