"""The form of a mapping states what a mapping file states, and shows it as it would be typed."""

from typing import Any

import pytest

from api.resources.registers.forms.choices import BY_VALUES
from api.resources.registers.forms.mapping_form import (
    read_values,
    stated,
    typed,
    values_text,
)
from api.resources.registers.mapping import mapping_of
from api.web.pages.forms import Form
from tests.registers.writing import MAPPING, mapping

RICH = mapping(
    source="https://platform.example.jp/register",
    id={"column": "管理番号", "blank": "above"},
    merged="repeat",
    heading_row=3,
    sheet="台帳",
    columns={
        "住所": {"field": "counterparty.address", "blank": "unknown"},
        "会員番号": {"field": ["principals.id", "principals.name"], "digits": 8},
        "氏名": {"ignore": True},
        "項目": {"field": "items", "separator": ["\n", "、", ","]},
        "提供年月日": {
            "field": "transferred_on",
            "days": ["compact", "era", "iso", "kanji", "serial", "slashed"],
        },
        "同意日時": {"field": "consent.at", "clock": "09:00"},
        "区分": {"field": "direction", "values": {"提供": "provided", "受領": "received"}},
        "根拠": {"values": {"同意": {"basis": "consent_27_1", "consent.obtained": True}}},
        "同意": {"field": "special_care", "values": {"有": True, "無": False}},
        "番号2": {"field": "contract_reference", "numbers": "plain"},
    },
)


@pytest.mark.parametrize("document", [MAPPING, RICH], ids=["usual", "rich"])
def test_what_a_form_shows_states_the_same(document: dict[str, Any]) -> None:
    found = stated(typed(document), document)
    assert found.defects == {}
    assert mapping_of(found.document) == mapping_of(document)


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("有 = はい\n無＝なし", "consent.obtained", {"有": True, "無": False}),
        ("A = 提供\nB = received", "direction", {"A": "provided", "B": "received"}),
        ("— = 不明", "counterparty.address", {"—": "@unknown"}),
        (
            "同 = basis=consent_27_1, consent.obtained=有",
            BY_VALUES,
            {"同": {"basis": "consent_27_1", "consent.obtained": True}},
        ),
        ("", "direction", {}),
    ],
)
def test_tables_of_values_are_read_as_people_type_them(
    text: str, field: str, expected: dict[str, Any]
) -> None:
    assert read_values(text, field) == expected
    assert read_values(values_text(expected), field) == expected


def test_an_empty_form_names_every_field_that_is_missing() -> None:
    found = stated(Form({}), MAPPING)
    columns = {f"c{n}_field" for n in range(len(MAPPING["columns"]))}
    assert set(found.defects) == {"source", "system", "batch", "id"} | columns
