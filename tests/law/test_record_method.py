"""How a record may be made, what it may leave out, and what it lacks."""

import pytest

from ledger.policies.context import Context, EarlierRecord
from tests.law.building import (
    CORPORATION,
    P1,
    P2,
    REMOVED,
    earlier,
    findings,
    joint_use,
    notice,
    notices,
    opt_out,
    received,
    transfer,
    whole,
)

CONTRACT = {"method": "contract", "contract_reference": "C-1"}
ALL = ["COUNTERPARTY", "PRINCIPAL", "ITEMS", "ACQUISITION"]


def test_a_contract_document_need_not_carry_what_is_no_statutory_item() -> None:
    verdict = whole(transfer(**CONTRACT, contract_missing_items=["DATE", "ACQUISITION"]))
    assert (verdict.findings, verdict.effective_method) == ((), "contract")


def test_a_contract_document_that_fails_is_an_individual_record() -> None:
    verdict = whole(
        transfer(**CONTRACT, contract_missing_items=["ITEMS"], supply_to_principal=False)
    )
    assert verdict.findings == ("CONTRACT_CONDITIONS_NOT_MET", "CONTRACT_ITEMS_INCOMPLETE")
    assert verdict.effective_method == "individual"


def test_a_contract_document_may_stand_for_a_receipt_but_not_by_opt_out() -> None:
    assert whole(received(**CONTRACT)).effective_method == "contract"
    by_opt_out = received(**CONTRACT, basis="opt_out_27_2", opt_out_published=True, consent=REMOVED)
    assert findings(by_opt_out) == ("OPT_OUT_CONTRACT_NOT_ALLOWED",)


def test_an_opt_out_document_has_one_finding_whatever_else_it_lacks() -> None:
    made = opt_out(**CONTRACT, contract_missing_items=["DATE"], supply_to_principal=False)
    assert "OPT_OUT_CONTRACT_NOT_ALLOWED" in findings(made)
    assert not any(code.startswith("CONTRACT_") for code in findings(made))


def test_a_document_never_stands_for_an_unfounded_provision() -> None:
    verdict = whole(joint_use(**CONTRACT, purpose="?"), notices(notice()))
    assert verdict.findings == ("JU_PURPOSE_OUT_OF_SCOPE",)
    assert verdict.effective_method == "individual"


def test_a_collective_record_stays_one_without_a_basis() -> None:
    made = transfer(
        method="collective",
        transferred_on=REMOVED,
        transferred_from="2024-03-01",
        transferred_to="2024-04-30",
        consent={"obtained": False},
    )
    assert whole(made).effective_method == "collective"


@pytest.mark.parametrize(
    ("change", "different"),
    [
        ({}, False),
        ({"counterparty": CORPORATION | {"representative": "代表取締役 後任"}}, True),
        ({"counterparty": CORPORATION | {"address": "大阪市"}}, True),
        ({"counterparty": CORPORATION | {"party_id": "other-key"}}, False),
        ({"principals": [P2]}, True),
        ({"principals": [P1, P2]}, False),
        ({"principals": [P1 | {"name": "旧姓 花子"}]}, True),
        ({"items": ["ご利用履歴", "氏名"]}, False),
        ({"items": ["氏名"]}, True),
        ({"acquisition": "名簿から"}, True),
        ({"transferred_on": "2020-01-01"}, False),
    ],
)
def test_omitted_items_must_be_the_same_in_the_base_record(
    change: dict[str, object], *, different: bool
) -> None:
    base = earlier(received(**change))
    made = received(base_record="R1", omitted_items=ALL)
    assert (findings(made, Context(base=base)) == ("OMISSION_BASE_DIFFERENT",)) is different


def test_only_omitted_items_are_compared() -> None:
    base = earlier(received(items=["住所"]))
    made = received(base_record="R1", omitted_items=["COUNTERPARTY"])
    assert findings(made, Context(base=base)) == ()


@pytest.mark.parametrize(
    "base",
    [
        None,
        earlier(received(), retained=False),
        earlier(transfer()),
        earlier(received(basis="exempt_27_1_i", consent=REMOVED)),
    ],
)
def test_a_base_must_be_a_kept_record_of_the_same_article(base: EarlierRecord | None) -> None:
    made = received(base_record="R1", omitted_items=["ITEMS"])
    assert findings(made, Context(base=base)) == ("OMISSION_BASE_NOT_RETAINED",)


def test_an_old_record_without_a_day_is_complete_where_the_day_is_no_item() -> None:
    undated = {
        "transferred_on": REMOVED,
        "date_not_recorded": True,
        "backfill": {"source_system": "old", "batch": "1"},
    }
    assert findings(transfer(**undated)) == ()
    assert "DATE_MISSING" in findings(opt_out(**undated))
