"""Requests without a search in a real ledger: nothing of any record is in their answers."""

from datetime import timedelta
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.events.measures import ItemAnswered, MeasureTaken
from ledger.cases.measure_steps import DecideMeasures
from ledger.clock import day_in_japan
from ledger.format.events import ReviewSealed
from tests.ledger.case_given import APPROVER
from tests.replying.desk import Desk, letter, recorded, text_of

WHY = "調査の結果によるものです。"
PURPOSES = (ItemAnswered("purposes", "ご注文の商品の発送のため"),)
TOLD = DecideMeasures("taken", information=PURPOSES)
KINDS = ("purpose_of_use", "data_correction", "measures_abroad")


def answer(desk: Desk, kind: str) -> DecideMeasures:
    today = day_in_japan(desk.inside.now)
    return {
        "purpose_of_use": TOLD,
        "data_correction": DecideMeasures(
            "taken", (MeasureTaken("corrected", today, "生年月日を訂正しました。"),)
        ),
        "measures_abroad": DecideMeasures("not_taken", (), WHY, ("hindrance",)),
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_letter_tells_nothing_of_records_of_none_of_excluded_ones(
    desk: Desk, kind: str
) -> None:
    told: dict[str, str] = {}
    records: tuple[UUID, ...] = ()
    for name in ("no records", "records", "excluded ones"):
        if name == "records":
            records = recorded(desk.inside)
        if name == "excluded ones":
            desk.exclude(*records)
        desk.verified(kind=kind)
        desk.do(answer(desk, kind)).submitted().do(desk.approval(), by=APPROVER)
        document = desk.posted()
        text = text_of(document.pdf)
        parsed = letter(document.json)
        assert "search" not in parsed
        assert parsed["asked"]["about"] == kind
        start = text.index("作成日時")
        instant = text[start : text.index("（日本時間）", start)]
        for value in (desk.state.number, parsed["verification_code"], instant):
            text = text.replace(value, "")
        told[name] = text
        # As after every decision: the count of events says nothing of what is excluded.
        facts = desk.inside.house.streams.facts([desk.stream], None)[desk.stream]
        assert sum(isinstance(one.event, ReviewSealed) for one in facts) == 1
    assert len(set(told.values())) == 1


def test_every_decision_has_one_review_the_second_too(desk: Desk) -> None:
    desk.verified(kind="purpose_of_use").do(TOLD)
    desk.do(DecideMeasures("not_taken", (), WHY, ("not_held",)))
    facts = desk.inside.house.streams.facts([desk.stream], None)[desk.stream]
    assert sum(isinstance(one.event, ReviewSealed) for one in facts) == 2


def test_an_answer_is_made_again_byte_for_byte(desk: Desk) -> None:
    desk.verified(kind="measures_abroad")
    desk.do(answer(desk, "measures_abroad")).approved()
    document = desk.posted()
    desk.inside.now += timedelta(days=40)
    assert desk.inside.record("later").transfer
    assert desk.replies.again(desk.stream, 1).documents == document.documents
    assert desk.replies.stored(desk.stream, 1) == document.documents
    assert desk.state.status == CaseStatus.DISPATCHED
