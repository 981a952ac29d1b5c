"""From a case in the ledger to its letter: every kind, and what may not be made of it."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from api.problems.refusals import UnprintableError
from ledger.cases.letters.withheld_parts import withheld_defects
from ledger.commands import (
    RenamePrincipal,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import NotFoundError
from tests.ledger.given import ACTOR, data
from tests.replying.desk import (
    ADDRESS,
    MEMBER,
    NAME,
    REASON,
    Desk,
    late,
    letter,
    pages,
    part,
    party,
    recorded,
    text_of,
    whole,
)


def test_all_records_are_disclosed_with_their_sides_in_annexes(desk: Desk) -> None:
    recorded(desk.inside)
    found = desk.verified().searched()
    document = desk.decided().sent()
    told = letter(document.json)
    assert told["content"]["kind"] == "FULL"
    assert [line["side"] for line in told["content"]["lines"]] == ["provided"] * 2 + ["received"]
    assert document.annexes == ("別紙1　当社が提供した記録", "別紙2　当社が提供を受けた記録")
    assert (told["addressee"]["name"], told["addressee"]["address"]) == (NAME, ADDRESS)
    assert told["search"]["position"] == found.as_of
    assert told["at"].startswith("2026-11-24T03:00")
    assert document.csv.decode("utf-8-sig").count("\r\n") == 4
    assert "第三者提供記録の開示について" in text_of(document.pdf)
    assert document.sheets == pages(document.pdf)


def test_what_is_withheld_is_told_by_ground_and_reason_and_stands_nowhere(desk: Desk) -> None:
    first, second, third = recorded(desk.inside)
    desk.verified().searched()
    desk.decided([part(first, "COUNTERPARTY", "ご利用履歴"), whole(second), whole(third)])
    document = desk.sent()
    told = letter(document.json)["content"]
    assert told["kind"] == "PARTIAL"
    assert told["withheld"] == [
        {
            "ground": "ART33_2_I",
            "reason": REASON,
            "provided": 1,
            "received": 1,
            "parts": [[1, "COUNTERPARTY"], [1, "ITEMS"]],
        }
    ]
    paper = text_of(document.pdf)
    for one in ("青空商事", "ご利用履歴", "海風物産", "山道商会"):
        assert one not in document.json.decode() + document.csv.decode() + paper
    assert REASON in paper


def test_grounds_and_reasons_are_told_apart(desk: Desk) -> None:
    first, second, third = recorded(desk.inside)
    desk.verified().searched()
    desk.decided([whole(first), whole(second, reason="別の理由です。"), whole(third)])
    told = letter(desk.sent().json)["content"]
    assert told["kind"] == "NON_DISCLOSURE"
    counts = [(one["reason"], one["provided"], one["received"]) for one in told["withheld"]]
    assert counts == [(REASON, 1, 1), ("別の理由です。", 1, 0)]


def test_nothing_found_is_one_sentence(desk: Desk) -> None:
    desk.verified().searched()
    document = desk.decided().sent()
    told = letter(document.json)["content"]
    assert (told, document.annexes, document.method) == ({"kind": "NOT_EXIST"}, (), None)


def test_only_the_side_and_the_period_that_were_asked_for_are_searched(desk: Desk) -> None:
    house = desk.inside
    days = {"old": "2024-01-31", "first": "2024-02-01", "last": "2024-03-31", "new": "2024-04-01"}
    kept = {
        name: house.record(name, data(transferred_on=day)).transfer for name, day in days.items()
    }
    running = data(transferred_on=None, transferred_from="2023-01-01", transferred_to="2024-02-10")
    kept["running"] = house.record("running", running).transfer
    over = data(transferred_on=None, transferred_from="2023-01-01", transferred_to="2023-12-31")
    house.record("over", over)
    recorded(house)
    period = {"first_day": date(2024, 2, 1), "last_day": date(2024, 3, 31), "received": False}
    found = desk.verified(**period).searched()
    assert set(found.provided) == {kept["first"], kept["last"], kept["running"]}
    assert found.received == ()
    told = letter(desk.decided().sent().json)
    assert told["asked"]["first_day"] == "2024-02-01"
    assert told["asked"]["received"] is False


def test_whoever_wanted_files_and_gets_paper_is_told_why(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified(medium="electronic").searched()
    reason = "ご指定の記録媒体を読み書きする設備がないためです。"
    desk.decided(medium="paper", medium_reason=reason)
    document = desk.sent()
    assert document.method is not None
    assert reason in text_of(document.method)
    assert desk.replies.letter(desk.state, "method_change") == document.method
    assert document.sheets == pages(document.pdf) + pages(document.method)


def test_an_electronic_reply_holds_its_files(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified(medium="electronic").searched()
    document = desk.decided().sent()
    attached = PdfReader(BytesIO(document.pdf)).attachments
    assert attached == {"records.csv": [document.csv], "records.json": [document.json]}


def test_a_reply_after_a_reply_replaces_it_and_says_why(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    late(desk.inside, counterparty=party("川上運輸株式会社"))
    desk.later(days=2).reopened("先の回答の後に、別の記録が見つかったためです。")
    desk.searched()
    told = letter(desk.decided().sent().json)["content"]
    assert told["kind"] == "SUPPLEMENT"
    assert told["earlier_case"] == desk.state.number
    assert told["earlier_on"] == "2026-11-24"
    assert told["change"] == (
        "先の回答：全部開示（開示する記録3件）\nこの回答：全部開示（開示する記録4件）"
    )
    assert told["reason"] == "先の回答の後に、別の記録が見つかったためです。"
    assert told["reply"]["kind"] == "FULL"


def test_a_name_taken_later_stands_beside_the_one_in_the_record(desk: Desk) -> None:
    house = desk.inside
    people = [{"scheme": "member", "id": "P1", "name": "見本 花子"}]
    house.record("t-1", data(principals=people))
    renamed = RenamePrincipal(random_uuid(), ACTOR, MEMBER, "髙橋 花子")
    house.ledger.direct(renamed, house.now)
    desk.verified().searched()
    [line] = letter(desk.decided().sent().json)["content"]["lines"]
    assert line["current_name"] == "髙橋 花子"


def test_a_character_that_the_font_lacks_blocks_the_letter_and_is_pointed_at(desk: Desk) -> None:
    house = desk.inside
    house.record("t-1", data(counterparty=party("邉\U000e0110商店")))
    desk.verified().searched()
    desk.decided()
    with pytest.raises(UnprintableError) as refused:
        desk.submitted()
    [defect] = refused.value.defects
    assert defect.pointer == "/content/lines/0/items/1/value/name"
    assert (defect.code, defect.detail) == ("GLYPH_MISSING", "U+9089+E0110")
    assert "邉" not in str(refused.value)


def test_an_item_that_the_record_does_not_hold_is_named_before_the_decision(desk: Desk) -> None:
    first, _, third = recorded(desk.inside)
    desk.verified().searched()
    withheld = (part(first, "ACQUISITION"), part(third, "ACQUISITION", "ご利用履歴"), part(first))
    found = withheld_defects(withheld, desk.replies.found(desk.state).entries)
    assert [(one.pointer, one.code) for one in found] == [("/withheld/0/items", "ITEM_UNKNOWN")]


def test_before_a_decision_there_is_no_reply(desk: Desk) -> None:
    desk.verified().searched()
    with pytest.raises(NotFoundError):
        desk.replies.document(desk.state, desk.inside.now, "0123-4567-89AB-CDEF-GHJK")
