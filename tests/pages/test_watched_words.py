"""Every code that 監査ログ and 本人の履歴 may show has words for it."""

from typing import Any, cast, get_args

from api.contract import SCHEMA
from api.resources.accesses import pages
from api.resources.histories import page_parts
from api.resources.transfers.correction_endpoints import Retraction
from api.web.pages import member_words
from api.web.schemas import TRANSFER
from ledger.accesses.access import READ_BACK
from ledger.accesses.access import REASONS as CODES
from ledger.cases.case import CaseStatus
from ledger.streams.history import HEADINGS

_PROPERTIES = cast("dict[str, dict[str, Any]]", SCHEMA["properties"])
# Never shown to a person: commercial references and internal keys; or shown otherwise.
_HIDDEN = {
    "principals",
    "contract_reference",
    "series_id",
    "base_record",
    "derived_from",
    "backfill",
}


def test_every_member_of_a_record_has_a_title_and_every_code_a_word() -> None:
    for name, schema in _PROPERTIES.items():
        if name in _HIDDEN:
            continue
        assert member_words.titled(name) != name, name
        for code in schema.get("enum", ()):
            assert member_words.text_of(name, code) != code, (name, code)


def test_every_member_within_a_member_has_a_title() -> None:
    for name in ("consent", "anonymous", "counterparty"):
        for inner, schema in _PROPERTIES[name]["properties"].items():
            assert member_words.titled(inner) != inner, (name, inner)
            for code in schema.get("enum", ()):
                assert member_words.text_of(inner, code) != code, (inner, code)


def test_the_headings_are_those_of_a_history_in_its_order() -> None:
    assert tuple(member_words.HEADINGS) == HEADINGS


def test_every_reason_that_is_a_code_has_words() -> None:
    assert {*CODES, READ_BACK, *(one.value for one in CaseStatus)} <= set(pages.REASONS)


def test_every_duty_method_and_reason_of_a_retraction_has_words() -> None:
    verdict = cast("dict[str, Any]", TRANSFER["properties"])
    assert set(page_parts.DUTIES) == set(verdict["duty"]["enum"])
    assert set(page_parts.METHODS) == set(_PROPERTIES["method"]["enum"])
    assert set(page_parts.RETRACTED) == set(get_args(Retraction.model_fields["reason"].annotation))


def test_a_code_of_statutory_items_is_told_in_words() -> None:
    assert member_words.text_of("omitted_items", ["DATE", "ITEMS"]) == (
        "提供・受領の年月日、個人データの項目"
    )
    assert member_words.text_of("items", ["DATE"]) == "DATE"
    assert member_words.text_of("consent", {"obtained": False, "at": None}) == (
        "取得済み：なし\n日時：記録なし"
    )
