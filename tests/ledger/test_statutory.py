"""The statutory items as values, set by set, and apart from them the rest."""

from typing import Any

from ledger.law.items import STATUTORY_ITEMS
from ledger.transfers.statutory import rest, statutory_items
from tests.ledger.given import PARTY, data, received, recorded, stopped
from tests.ledger.test_history import OPEN, merge, message, seen
from tests.matrix import every

PARTY_SHOWN = {
    "name": "青空商事株式会社",
    "address": "東京都港区芝1-1-1",
    "representative": "代表取締役 見本一郎",
}
PRINCIPAL = [{"scheme": "member", "id": "P1"}]
ITEMS = ["氏名", "ご利用履歴"]
REFERABLE = {"basis": "personally_referable_31_1", "data_kind": "personally_referable"}


def items_of(content: dict[str, Any], **given: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 -- JSON
    return list(statutory_items(seen([recorded(content, **given)])))


def test_provided_by_consent() -> None:
    assert items_of(data()) == [
        ("CONSENT", True),
        ("COUNTERPARTY", PARTY_SHOWN),
        ("PRINCIPAL", PRINCIPAL),
        ("ITEMS", ITEMS),
    ]


def test_provided_by_opt_out() -> None:
    found = items_of(data(basis="opt_out_27_2", notice_id="OO", consent=None))
    assert [code for code, _ in found] == ["DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"]
    assert found[0] == ("DATE", "2026-04-01")


def test_provided_without_a_basis() -> None:
    found = items_of(data(), context=stopped(0))
    assert found[0] == ("DATE", "2026-04-01")
    assert [code for code, _ in found] == ["DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"]


def test_provided_referable_information() -> None:
    found = items_of(data(**REFERABLE))
    assert found == [
        ("ART31_CONFIRMED", True),
        ("DATE", "2026-04-01"),
        ("COUNTERPARTY", PARTY_SHOWN),
        ("ITEMS", ITEMS),
    ]


def test_received_by_opt_out() -> None:
    content = received(basis="opt_out_27_2", opt_out_published=True, consent=None)
    found = dict(items_of(content))
    assert list(found) == ["DATE", "COUNTERPARTY", "ACQUISITION", "PRINCIPAL", "ITEMS", "PUBLISHED"]
    assert (found["ACQUISITION"], found["PUBLISHED"]) == ("本人から取得", True)


def test_received_by_consent() -> None:
    found = dict(items_of(received()))
    assert list(found) == ["CONSENT", "COUNTERPARTY", "ACQUISITION", "PRINCIPAL", "ITEMS"]


def test_received_referable_information() -> None:
    found = dict(items_of(received(**REFERABLE, consent={"obtained": False})))
    assert list(found) == ["ART31_CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS"]
    assert found["ART31_CONSENT"] is False


def test_received_from_no_operator() -> None:
    content = received(basis="non_operator_source", consent=None)
    content["acquisition"] = None
    found = dict(items_of(content))
    assert list(found) == ["COUNTERPARTY", "ACQUISITION", "PRINCIPAL", "ITEMS"]
    assert found["ACQUISITION"] is None


def test_no_duty_has_no_items() -> None:
    assert items_of(data(basis="exempt_27_1_i", consent=None)) == []


def test_a_counterparty_is_shown_as_it_was_recorded() -> None:
    unknown = {**PARTY, "address": None}
    assert dict(items_of(data(counterparty=unknown)))["COUNTERPARTY"] == {
        **PARTY_SHOWN,
        "address": None,
    }
    many = {"kind": "unspecified_many"}
    assert dict(items_of(data(counterparty=many)))["COUNTERPARTY"] == many


def test_a_principal_is_shown_by_the_name_of_that_day_and_nobody_else_is() -> None:
    content = data("P1", "P2")
    content["principals"][0]["name"] = "見本 太郎"
    assert dict(items_of(content))["PRINCIPAL"] == [
        {"scheme": "member", "id": "P1", "name": "見本 太郎"}
    ]


def test_a_period_has_a_first_and_a_last_day() -> None:
    period = {"method": "collective", "transferred_on": None, "transferred_from": "2026-03-01"}
    closed = data(**REFERABLE, **period, transferred_to="2026-03-31")
    assert dict(items_of(closed))["DATE"] == {"from": "2026-03-01", "to": "2026-03-31"}
    still_open = {**closed, "transferred_to": None}
    assert dict(items_of(still_open))["DATE"] == {"from": "2026-03-01", "to": None}
    undated = data(
        basis="none",
        transferred_on=None,
        date_not_recorded=True,
        backfill={"source_system": "旧台帳", "batch": "1"},
        consent=None,
    )
    assert dict(items_of(undated))["DATE"] is None


def test_a_collective_record_shows_the_period_and_items_of_all_its_messages() -> None:
    entry = merge([message(1, **REFERABLE, items=["氏名"]), message(9, **REFERABLE)], OPEN)[0]
    found = dict(statutory_items(entry))
    assert found["DATE"] == {"from": "2026-05-01", "to": "2026-05-09"}
    assert found["ITEMS"] == ITEMS


def test_the_rest_holds_what_is_not_a_statutory_item_and_no_inner_key() -> None:
    content = data(
        method="contract",
        contract_reference="契約第1号",
        purpose="ご案内",
        acquisition="申込書",
        special_care=True,
    )
    found = rest(seen([recorded(content)]))
    assert found == {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "contract",
        "transferred_on": "2026-04-01",
        "consent": {"obtained": True},
        "purpose": "ご案内",
        "acquisition": "申込書",
        "special_care": True,
        "recorded_on": "2026-06-01",
    }


def test_without_a_duty_everything_is_the_rest() -> None:
    found = rest(seen([recorded(data(basis="exempt_27_1_i", consent=None))]))
    assert found["counterparty"] == PARTY
    assert found["items"] == ITEMS


@every("code", sorted(STATUTORY_ITEMS))
def test_every_item_of_the_law_has_a_value(code: str) -> None:
    contents = [
        data(),
        data(basis="none", consent=None),
        data(**REFERABLE),
        received(**REFERABLE),
        received(basis="opt_out_27_2", opt_out_published=True, consent=None),
    ]
    assert any(code in dict(items_of(content)) for content in contents)
