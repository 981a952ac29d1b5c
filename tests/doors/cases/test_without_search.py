"""Requests without a search, through the doors: purposes of use, corrections, measures abroad."""

from dataclasses import dataclass
from typing import Any

import pytest

from ledger.law.answers import items_of
from ledger.law.requests import MEASURES_ABROAD
from tests.doors.cases.desk import begun, today
from tests.doors.cases.test_measures import FILES, files
from tests.doors.corridor import Corridor
from tests.law.papers import ARRIVED
from tests.replying.desk import text_of

WHY = "調査の結果によるものです。"
PURPOSES = [{"item": "purposes", "text": "ご注文の商品の発送のため"}]
SEVEN = [
    {"item": code, "text": f"内容{n}"} for n, code in enumerate(items_of(MEASURES_ABROAD, ARRIVED))
]


def corrected(measure: str = "corrected") -> list[dict[str, str]]:
    return [{"measure": measure, "from_day": today(), "what": "生年月日を訂正しました。"}]


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request of one kind is answered, and what its letter says."""

    kind: str
    body: dict[str, Any]
    says: tuple[str, ...]


def answers() -> dict[str, Answered]:
    return {
        "the purposes are told": Answered(
            "purpose_of_use",
            {"outcome": "taken", "information": PURPOSES},
            ("法第32条第2項の規定に基づき", "ご注文の商品の発送のため"),
        ),
        "the purposes are not told": Answered(
            "purpose_of_use",
            {"outcome": "not_taken", "grounds": ["harm_to_person"], "reason": WHY},
            ("法第32条第3項の規定に基づき", "第21条第4項第1号", "法第36条", WHY),
        ),
        "nothing is retained": Answered(
            "purpose_of_use",
            {"outcome": "not_taken", "grounds": ["not_held"], "reason": WHY},
            ("当社は保有していないため",),
        ),
        "data is corrected": Answered(
            "data_correction",
            {"outcome": "taken", "measures": corrected()},
            ("法第34条第3項の規定に基づき", "生年月日を訂正しました。"),
        ),
        "data is deleted in part": Answered(
            "data_correction",
            {
                "outcome": "taken_in_part",
                "measures": corrected("deleted"),
                "grounds": ["beyond_purpose", "not_shown_untrue"],
                "reason": WHY,
            },
            ("その余の訂正等は行いません。", "削除", WHY),
        ),
        "data is not corrected": Answered(
            "data_correction",
            {"outcome": "not_taken", "grounds": ["other_procedure"], "reason": WHY},
            ("特別の手続が定められているため", "法第36条"),
        ),
        "seven items are told": Answered(
            "measures_abroad",
            {"outcome": "taken", "information": SEVEN},
            ("規則第18条第3項の規定に基づき", *(one["text"] for one in SEVEN)),
        ),
        "six items are told": Answered(
            "measures_abroad",
            {
                "outcome": "taken_in_part",
                "information": [{"item": SEVEN[0]["item"]}, *SEVEN[1:]],
                "grounds": ["hindrance"],
                "reason": WHY,
            },
            ("提供しません", "規則第18条第5項", WHY),
        ),
        "no item is told": Answered(
            "measures_abroad",
            {"outcome": "not_taken", "grounds": ["no_such_provision"], "reason": WHY},
            ("ご請求の情報は提供しません。", "規則第18条第4項の規定に基づき"),
        ),
    }


@pytest.mark.parametrize("name", answers())
def test_it_is_taken_in_decided_approved_sent_and_closed(corridor: Corridor, name: str) -> None:
    one = answers()[name]
    case = begun(corridor, kind=one.kind)
    clocks = case.read()["clocks"]
    assert "without_delay" in clocks
    assert ("suit_possible_from" in clocks) is (one.kind == "data_correction")
    case.verified()
    doors = ["documents", "resubmission", "measures", "withdrawal", "death", "entry-mistake"]
    assert (case.status, case.next) == ("review", [*doors, "print-as"])
    case.do("measures", one.body)
    assert case.last["outcome"] == one.body["outcome"]
    case.do("submit").approve()
    pdf = case.content("/reply.pdf")
    letter = text_of(pdf)
    assert [words for words in one.says if words not in letter] == []
    assert list(files(case)) == FILES, "no table of records"
    case.dispatch()
    assert case.content("/reply.pdf") == pdf
    case.do("delivery", {"delivered_on": today()})
    whole = case.read()
    assert (whole["status"], whole["search"], whole["person"]) == ("closed", None, None)
    decision: dict[str, Any] = {"measures": [], **one.body}
    assert whole["decision"] == decision
    assert [reply["outcome"] for reply in whole["replies"]] == [one.body["outcome"]]
