"""Whole cases through the doors: from the arrival of a request to its end."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ledger.law.answers import items_of
from ledger.law.requests import MEASURES_ABROAD
from tests.doors.cases.desk import (
    APPROVER,
    DESK,
    POST_NUMBER,
    SENDER,
    WHO,
    Case,
    begun,
    paper,
    received,
    request,
    today,
)
from tests.doors.cases.test_measures import FILES, files
from tests.doors.cases.test_reading_cases import ids, listed
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision, receipt
from tests.doors.test_taken_over import died, forget
from tests.law.papers import ARRIVED
from tests.matrix import every
from tests.replying.desk import text_of


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


MANDATE = paper(
    "power_of_attorney",
    by_principal=True,
    seal_as_certified=True,
    covers_this_request=True,
    issued_on=None,
)
del MANDATE["issued_on"]
# -- Requests without a search, through the doors: purposes of use, corrections, measures abroad --


WHY = "調査の結果によるものです。"
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
        "the purposes are not told": Answered(
            "purpose_of_use",
            {"outcome": "not_taken", "grounds": ["harm_to_person"], "reason": WHY},
            ("法第32条第3項の規定に基づき", "第21条第4項第1号", "法第36条", WHY),
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
    }


@every("name", answers())
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


# -- A process dies after a step and before its answer is kept: who asks again hears what stands --


Step = tuple[Case, str, dict[str, Any]]


def searched(corridor: Corridor) -> Step:
    body = {"identifiers": [WHO], "evidence": "会員番号が一致"}
    return begun(corridor).verified(), "principal", body


def posted(corridor: Corridor) -> Step:
    body = {"dispatched_on": today(), "item_number": POST_NUMBER}
    return begun(corridor).submitted().approve(), "dispatch", body


STEPS: dict[str, Callable[[Corridor], Step]] = {
    "a search": searched,
    "a submission": lambda corridor: (
        begun(corridor).verified().identified().do("decisions", {}),
        "submit",
        {},
    ),
    "an approval": lambda corridor: (begun(corridor).submitted(), "approve", {}),
    "a dispatch": posted,
    "a delivery": lambda corridor: (
        begun(corridor).submitted().approve().dispatch(),
        "delivery",
        {"delivered_on": today()},
    ),
}


@every("name", STEPS)
def test_a_step_that_stands_is_told_and_not_taken_again(corridor: Corridor, name: str) -> None:
    corridor.record(provision())
    case, door, body = STEPS[name](corridor)
    forget(corridor)
    scopes, by = (APPROVER, "approver") if door == "approve" else (DESK, "officer")
    key = f'"{fresh_id()}"'
    first = case.ask(door, body, scopes=scopes, by=by, Idempotency_Key=key)
    assert first.status == 200, first.text
    head = corridor.head()
    died(corridor)
    again = case.ask(door, body, scopes=scopes, by=by, opens=False, Idempotency_Key=key)
    assert (again.status, again.text) == (200, first.text)
    assert again.headers["etag"] == first.headers["etag"]
    assert "idempotency-replayed" not in again.headers
    assert corridor.head() == head


def test_a_request_that_was_taken_in_begins_no_second_case(corridor: Corridor) -> None:
    forget(corridor)
    key, body = f'"{fresh_id()}"', request(identifiers=[])
    first = received(corridor, body, **{"Idempotency-Key": key})
    head = corridor.head()
    died(corridor)
    again = received(corridor, body, **{"Idempotency-Key": key})
    assert (again.status, again.text, corridor.head()) == (201, first.text, head)


# -- Mistakes of the desk through the doors: reported by one person, settled by another --


def double_of(other: Case | str) -> dict[str, str]:
    named = other.id if isinstance(other, Case) else other
    return {"cause": "double", "reason": "同じ封筒を二度登録した", "replaced_by": named}


def confirmed(case: Case) -> Case:
    return case.do("mistake-confirmation", scopes=APPROVER, by="approver")


def reported_ids(corridor: Corridor) -> list[str]:
    return ids(corridor, "?reported=true&limit=100")


def test_a_request_that_was_taken_in_twice_goes_on_in_one_case(corridor: Corridor) -> None:
    stays, double = begun(corridor), begun(corridor)
    assert "entry-mistake" in double.next
    double.do("entry-mistake", double_of(stays))
    assert (double.status, double.next) == ("received", ["mistake-dismissal"])
    assert double.id in reported_ids(corridor)
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == double.id]
    named = {
        "case": stays.id,
        "number": stays.last["number"],
        "arrived_on": today(),
        "status": "received",
        "kind": "provision_records",
        "answered": True,
        "name_agrees": True,
        "identifiers_agree": True,
        "identifiers_covered": True,
        "sides_covered": True,
        "period_covered": True,
        "medium_agrees": True,
        "requester_agrees": True,
        "reply_address_agrees": True,
        "arrived_on_agrees": True,
    }
    assert row["mistake"] == {"what": "entry", "replacement": named}
    assert row["due"] is not None
    waiting = double.read(APPROVER, "approver")
    assert waiting["mistake"]["confirmed"] is False
    assert waiting["mistake"]["replaced_by"] == stays.id
    assert waiting["mistake"]["replacement"] == named
    assert (waiting["replaced_by"], stays.read()["replaces"]) == (None, [])
    assert waiting["next"] == ["mistake-confirmation", "mistake-dismissal"]
    confirmed(double)
    assert (double.status, double.next) == ("entered_in_error", [])
    whole = double.read()
    assert whole["mistake"] == {**waiting["mistake"], "confirmed": True}
    assert (whole["replaced_by"]["case"], whole["replaced_by"]["number"]) == (
        stays.id,
        stays.last["number"],
    )
    assert (whole["due"], whole["ended_at"] is not None) == (None, True)
    assert not any(one["runs"] for one in whole["clocks"].values())
    assert [one["type"] for one in whole["events"]] == [
        "case-received",
        "case-mistake-reported",
        "case-entered-in-error",
    ]
    assert [one["case"] for one in stays.read()["replaces"]] == [double.id]
    assert double.id in ids(corridor, "?status=entered_in_error&limit=100")
    assert stays.id not in ids(corridor, "?status=entered_in_error&limit=100")
    assert double.id not in reported_ids(corridor)
    after = (date.fromisoformat(today()) + timedelta(days=400)).isoformat()
    assert double.id not in ids(corridor, f"?due={after}&limit=100")
