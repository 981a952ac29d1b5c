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
    ADDRESS,
    APPROVER,
    DESK,
    OPENED,
    POST_NUMBER,
    SENDER,
    Case,
    begun,
    look,
    paper,
    today,
)
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import provision
from tests.replying.desk import text_of


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


def files(case: Case) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The letter as JSON, and the rows of the CSV."""
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        letter = json.loads(found.read("records.json"))
        text = found.read("records.csv").decode("utf-8-sig")
    return letter["content"], list(csv.DictReader(io.StringIO(text)))


# -- A name that the font lacks, from the refusal to the post; and what is no choice for it --


VARIATION, GAIJI = "邉\U000e010f", "\ue000"
RARE_NAME = f"渡{VARIATION} 花子"
FORM = {"name": RARE_NAME, "postal_code": "100-6150", "address": ADDRESS}
REASON = "戸籍統一文字の親字。電話でご本人の了承を得た"
NAMED = {"written": VARIATION, "printed": "邉", "evidence": REASON}
OF_THE_PARTY = {"written": GAIJI, "printed": "葛", "evidence": "送信元に確認した"}


def body(*chosen: dict[str, Any]) -> dict[str, Any]:
    return {"substitutes": [*chosen]}


def blocked(corridor: Corridor) -> Case:
    """A case that is decided, of whose letter two characters cannot be printed."""
    who = {"scheme": "member", "id": f"RARE-{fresh_id()}"}
    record = provision(principals=[{**who, "name": RARE_NAME}])
    record["counterparty"] = {**record["counterparty"], "name": f"{GAIJI}城商店株式会社"}
    corridor.record(record)
    case = begun(corridor, form=FORM, identifiers=[who]).verified()
    return case.identified(identifiers=[who]).do("decisions", {})


def test_a_blocked_name_goes_out_in_the_form_that_was_chosen_and_approved(
    corridor: Corridor,
) -> None:
    case = blocked(corridor)
    refused = case.ask("submit")
    assert (refused.status, refused.code) == (409, "UNPRINTABLE")
    details = {one["detail"] for one in refused.body["errors"]}
    assert details == {"U+9089+E010F", "U+E000"}
    assert "print-as" in corridor.client.get(refused.body["type"]).text
    assert "print-as" in case.next
    case.do("print-as", body(NAMED, OF_THE_PARTY))
    assert case.status == "decided"
    case.do("submit")
    seen = case.read(APPROVER, "approver")
    assert seen["substitutes"] == [
        {**NAMED, "code_points": "U+9089 U+E010F"},
        {**OF_THE_PARTY, "code_points": "U+E000"},
    ]
    preview = text_of(case.content("/preview.pdf", *APPROVER))
    assert "渡邉花子様" in preview
    assert "邉U+9089U+E010F葛U+E000" in preview
    case.approve().dispatch()
    paper_sent = text_of(case.content("/reply.pdf"))
    assert paper_sent == preview
    assert "渡邉花子様" in text_of(case.content("/address.pdf"))
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        told = json.loads(files.read("records.json"))
        table = files.read("records.csv").decode("utf-8-sig")
    assert told["addressee"]["name"] == RARE_NAME
    assert told["content"]["lines"][0]["items"][1]["value"]["name"] == f"{GAIJI}城商店株式会社"
    assert f"{GAIJI}城商店株式会社" in table
    assert "葛" not in table + json.dumps(told, ensure_ascii=False)


# -- Nobody approves what they have not opened: at the door as on the page --


def approved(case: Case, by: str = "approver", **headers: str) -> Answer:
    """The answer at the door itself, without opening anything first."""
    return case.corridor.ask(
        "POST",
        f"{case.path}/approve",
        {},
        key=case.corridor.key(*APPROVER, label=by),
        headers={"If-Match": case.etag, **headers},
    )


def opened(case: Case, document: str = "preview.pdf", by: str = "approver") -> int:
    return case.fetch(f"/{document}", scopes=APPROVER, by=by).status


def looks(corridor: Corridor, case: Case) -> list[dict[str, Any]]:
    answer = corridor.ask(
        "GET", f"/v1/accesses?case={case.id}", key=corridor.key("audit:read", label="auditor")
    )
    assert answer.status == 200, answer.text
    return [one for one in answer.body["accesses"] if one["what"] == "letter_preview"]


def test_an_approval_is_refused_until_the_letter_was_fetched_and_says_where(
    corridor: Corridor,
) -> None:
    # given
    case = begun(corridor).submitted()

    # when
    refused = approved(case)

    # then
    assert (refused.status, refused.code) == (409, "NOT_OPENED")
    assert refused.body["fetch"] == [f"{case.path}/preview.pdf"]
    assert refused.body["retryable"] is False
    assert "開いて" in approved(case, **{"Accept-Language": "ja"}).body["detail"]

    # when: what it names is fetched
    [where] = refused.body["fetch"]
    assert opened(case, where.removeprefix(f"{case.path}/")) == 200

    # then
    assert approved(case).status == 200
    [look] = [one for one in looks(corridor, case) if one["document"].startswith("reply-")]
    assert look["document"].endswith(".pdf")


def test_somebody_else_who_opened_it_opened_it_for_nobody_else(corridor: Corridor) -> None:
    case = begun(corridor).submitted()
    assert opened(case, by="another") == 200
    assert approved(case).code == "NOT_OPENED"
    assert case.fetch("/preview.pdf").status == 200
    assert approved(case).code == "NOT_OPENED"


def test_a_look_before_it_was_submitted_is_no_look_at_what_is_approved(corridor: Corridor) -> None:
    case = begun(corridor).verified().identified().do("decisions", {})
    assert opened(case) == 200
    case.do("submit")
    assert approved(case).code == "NOT_OPENED"


def test_a_look_at_an_earlier_submission_proves_nothing_of_a_later_one(corridor: Corridor) -> None:
    case = begun(corridor).submitted()
    assert opened(case) == 200
    case.do("return", {"reason": "別紙の体裁"}).do("decisions", {}).do("submit")
    assert approved(case).code == "NOT_OPENED"
    assert opened(case) == 200
    assert approved(case).status == 200


def test_the_letter_on_the_method_that_goes_with_it_is_opened_too(corridor: Corridor) -> None:
    # given: electronic records were asked for, and something is disclosed on paper
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who], medium="electronic").verified()
    case.identified(identifiers=[who])
    case.do("decisions", {"medium": "paper", "medium_reason": "媒体を用意できないため"}).do(
        "submit"
    )

    # when, then
    letters = [f"{case.path}/{name}" for name in OPENED]
    assert approved(case).body["fetch"] == letters
    assert opened(case) == 200
    assert approved(case).body["fetch"] == letters[1:]
    assert opened(case, "letters/method.pdf") == 200
    assert approved(case).status == 200


# -- A reply in the post is the last word, unless something changed that one would tell --


WHY = {"reason": "発送後の確認"}


def approved_with_record(corridor: Corridor) -> tuple[Case, str]:
    """An approved_with_record reply with one record, and that record."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    record = corridor.record(provision(principals=[{**who, "name": NAME}]))["transfer"]
    case = begun(corridor, identifiers=[who]).verified()
    return found(case).do("decisions", {}).do("submit").approve(), record


def found(case: Case) -> Case:
    return case.identified(identifiers=case.read()["application"]["identifiers"])


def told(answer: Answer) -> dict[str, Any]:
    return {name: one for name, one in answer.body.items() if name != "instance"}
