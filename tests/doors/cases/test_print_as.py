"""A name that the font lacks, from the refusal to the post; and what is no choice for it."""

import io
import json
import zipfile
from typing import Any, cast
from uuid import UUID

import pytest

from api.documents.font import repertoire
from api.services import Services
from tests.documents import hostile
from tests.doors.cases.desk import (
    ADDRESS,
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
from tests.doors.cases.test_bad_cases import MY_NUMBER
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision
from tests.replying.desk import text_of

VARIATION, GAIJI = "邉\U000e010f", "\ue000"
NAME = f"渡{VARIATION} 花子"
FORM = {"name": NAME, "postal_code": "100-6150", "address": ADDRESS}
REASON = "戸籍統一文字の親字。電話でご本人の了承を得た"
NAMED = {"written": VARIATION, "printed": "邉", "evidence": REASON}
OF_THE_PARTY = {"written": GAIJI, "printed": "葛", "evidence": "送信元に確認した"}


def body(*chosen: dict[str, Any]) -> dict[str, Any]:
    return {"substitutes": [*chosen]}


def blocked(corridor: Corridor) -> Case:
    """A case that is decided, of whose letter two characters cannot be printed."""
    who = {"scheme": "member", "id": f"RARE-{fresh_id()}"}
    record = provision(principals=[{**who, "name": NAME}])
    record["counterparty"] = {**record["counterparty"], "name": f"{GAIJI}城商店株式会社"}
    corridor.record(record)
    case = begun(corridor, form=FORM, identifiers=[who]).verified()
    return case.identified(identifiers=[who]).do("decisions", {})


def test_the_font_lacks_what_these_tests_are_about() -> None:
    assert (ord("邉"), 0xE010F) not in repertoire().variations
    assert ord("邉") in repertoire().characters


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
    assert told["addressee"]["name"] == NAME
    assert told["content"]["lines"][0]["items"][1]["value"]["name"] == f"{GAIJI}城商店株式会社"
    assert f"{GAIJI}城商店株式会社" in table
    assert "葛" not in table + json.dumps(told, ensure_ascii=False)


def test_letters_about_the_papers_are_printed_so_too(corridor: Corridor) -> None:
    case = begun(corridor, form=FORM).do("documents", look(paper("seal_certificate")))
    case.do("correction-request")
    for kind in ("receipt", "correction"):
        assert case.fetch(f"/letters/{kind}.pdf").code == "UNPRINTABLE"
    case.do("print-as", body(NAMED))
    assert case.status == "correction_requested"
    for kind in ("receipt", "correction"):
        text = text_of(case.content(f"/letters/{kind}.pdf", *DESK))
        assert "渡邉花子様" in text
        assert "邉U+9089U+E010F" in text


def test_another_choice_voids_the_submission_and_never_the_approval(corridor: Corridor) -> None:
    case = blocked(corridor).do("print-as", body(NAMED, OF_THE_PARTY)).do("submit")
    before = case.etag
    case.do("print-as", body(NAMED, {**OF_THE_PARTY, "printed": "蔦"}))
    assert (case.status, case.read()["submission"]) == ("decided", None)
    late = case.ask("approve", scopes=APPROVER, by="approver", If_Match=before)
    assert (late.status, late.code) == (412, "PRECONDITION_FAILED")
    assert case.ask("approve", scopes=APPROVER, by="approver").code == "CASE_STATUS"
    case.do("submit").approve()
    assert "print-as" not in case.next
    assert case.ask("print-as", body(NAMED, OF_THE_PARTY)).code == "CASE_STATUS"
    case.do("return", {"reason": "氏名の字体"}, scopes=APPROVER, by="approver")
    case.do("print-as", body(NAMED, OF_THE_PARTY)).do("submit").approve().dispatch()
    assert "渡邉花子様" in text_of(case.content("/reply.pdf"))


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "what is printed as it is": ({**NAMED, "written": "渡"}, "written", "PRINTABLE_ALREADY"),
    "a base that the font lacks": ({**NAMED, "printed": GAIJI}, "printed", "UNPRINTABLE_BASE"),
    "a geta": ({**NAMED, "printed": "〓"}, "printed", "PLACEHOLDER"),
    "a square": ({**NAMED, "printed": "□"}, "printed", "PLACEHOLDER"),
    "a kanji like a square": ({**NAMED, "printed": "口"}, "printed", "PLACEHOLDER"),
    "a space": ({**NAMED, "printed": "\u3000"}, "printed", "PLACEHOLDER"),
    "nothing": ({**NAMED, "printed": ""}, "printed", "SCHEMA"),
    "a sentence": ({**NAMED, "printed": "渡辺花子様の渡辺の辺"}, "printed", "SCHEMA"),
    "a zero": ({**NAMED, "printed": "〇"}, "printed", "PLACEHOLDER"),
    "a word in brackets": ({**NAMED, "printed": "（不明）"}, "printed", "PLACEHOLDER"),
    "another kanji": ({**NAMED, "printed": "遍"}, "printed", "OTHER_FAMILY"),
    "another form of the kanji": ({**NAMED, "printed": "辺"}, "printed", "OTHER_FAMILY"),
    "a letter without its mark": (
        {**NAMED, "written": "i\u0323", "printed": "i"},
        *("written", "PRINTABLE_ALREADY"),
    ),
    "two characters": ({**NAMED, "written": f"渡{VARIATION}"}, "written", "NOT_ONE_CHARACTER"),
    "what is in no letter": ({**NAMED, "written": "\ue001"}, "written", "NOT_IN_THE_LETTERS"),
    "no reason": ({**NAMED, "evidence": " "}, "evidence", "SCHEMA"),
    "an individual number": ({**NAMED, "evidence": MY_NUMBER}, "evidence", "MY_NUMBER_SHOWN"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_is_no_choice(corridor: Corridor, what: str) -> None:
    chosen, member, code = REFUSED[what]
    case = begun(corridor, form=FORM)
    answer = case.ask("print-as", body(chosen))
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors == {f"/substitutes/0/{member}": code}
    assert MY_NUMBER not in answer.text
    assert case.read()["version"] == 1


@pytest.mark.parametrize("member", ["printed", "evidence"])
@pytest.mark.parametrize("what", [*hostile.PRINTED, *hostile.REFUSED])
def test_a_hostile_text_stays_text_or_is_refused(
    corridor: Corridor, what: str, member: str
) -> None:
    text = hostile.PRINTED[what] if what in hostile.PRINTED else hostile.REFUSED[what][0]
    form = {**FORM, "name": f"見本 {GAIJI}"}
    case = begun(corridor, form=form)
    answer = case.ask("print-as", body({**OF_THE_PARTY, member: text}))
    assert answer.status in {200, 422}
    if answer.status == 200:
        case.etag = answer.headers["etag"]
        assert case.read()["substitutes"][0][member] == text
        shown = text_of(case.content("/letters/receipt.pdf", *DESK))
        assert (text in shown) is (member == "printed")


def test_a_choice_is_made_once_by_the_desk_alone(corridor: Corridor) -> None:
    case = begun(corridor, form=FORM)
    assert case.ask("print-as", body(NAMED), scopes=APPROVER, by="approver").status == 403
    assert case.ask("print-as", body(NAMED), scopes=SENDER, by="dispatcher").status == 403
    assert case.ask("print-as", body(NAMED), If_Match=None).status == 428
    key = fresh_id()
    first = case.ask("print-as", body(NAMED), Idempotency_Key=key)
    again = case.ask("print-as", body(NAMED), Idempotency_Key=key)
    assert (first.status, again.status, first.body) == (200, 200, again.body)
    case.etag = first.headers["etag"]
    assert case.ask("print-as", body(NAMED)).code == "ALREADY_STANDS"
    case.do("print-as", body())
    assert case.fetch("/letters/receipt.pdf").code == "UNPRINTABLE"


BOTH = (*DESK, "cases:approve")


def test_whoever_chose_does_not_approve(corridor: Corridor) -> None:
    case = blocked(corridor)
    case.do("print-as", body(NAMED, OF_THE_PARTY), scopes=BOTH, by="second").do("submit")
    answer = case.ask("approve", scopes=BOTH, by="second")
    assert (answer.status, answer.code) == (403, "SEPARATION_OF_DUTIES")
    case.approve()
    assert (
        case.ask("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER}).status == 200
    )


def test_a_choice_that_somebody_repeats_is_still_whose_it_was(corridor: Corridor) -> None:
    case = blocked(corridor).do("print-as", body(NAMED), scopes=BOTH, by="second")
    case.do("print-as", body(NAMED, OF_THE_PARTY)).do("submit")
    answer = case.ask("approve", scopes=BOTH, by="second")
    assert (answer.status, answer.code) == (403, "SEPARATION_OF_DUTIES")
    # Another form of the same character is another choice.
    case.do("print-as", body()).do("print-as", body(NAMED, OF_THE_PARTY)).do("submit")
    case.do("approve", scopes=BOTH, by="second")


def test_a_reply_that_went_out_keeps_its_forms_whatever_is_chosen_later(
    corridor: Corridor,
) -> None:
    case = blocked(corridor).do("print-as", body(NAMED, OF_THE_PARTY)).do("submit")
    case.approve().dispatch()
    replies = cast("Services", corridor.app.state.services).replies
    sent, files = case.content("/reply.pdf"), case.content("/reply.zip")
    assert "葛U+E000" in text_of(sent)
    case.do("reopen", {"reason": "字体の誤り"})
    who = case.read()["application"]["identifiers"]
    case.identified(identifiers=who).do("decisions", {})
    case.do("print-as", body(NAMED, {**OF_THE_PARTY, "printed": "蔦"}))
    for _ in range(2):
        assert case.content("/reply.pdf?reply=1") == sent
        assert case.content("/reply.zip?reply=1") == files
        assert replies.again(UUID(case.id), 1).pdf == sent
        if case.status == "decided":
            case.do("submit").approve().dispatch()
    later = case.content("/reply.pdf")
    assert later != sent
    assert "蔦U+E000" in text_of(later)
    assert replies.again(UUID(case.id), 2).pdf == later


def test_a_name_with_marks_is_printed_as_the_same_text(corridor: Corridor) -> None:
    name = "Nguye\u0302\u0303n Thi\u0323 花子"
    who = {"scheme": "member", "id": f"RARE-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": name}]))
    case = begun(corridor, form={**FORM, "name": name}, identifiers=[who]).verified()
    case.identified(identifiers=[who]).do("decisions", {}).do("submit").approve().dispatch()
    assert "NguyễnThị花子様" in text_of(case.content("/reply.pdf"))
    assert "NguyễnThị花子様" in text_of(case.content("/address.pdf"))
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        assert json.loads(found.read("records.json"))["addressee"]["name"] == name
