"""Mapping files: TOML and JSON say the same; everything wrong is named at once."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from api.contract import SCHEMA
from api.resources.registers.errors import RegisterError
from api.resources.registers.fields import FIELDS, LABELS, UNKNOWN
from api.resources.registers.formats import opened
from api.resources.registers.mapping import MappingError, mapping_of
from api.resources.registers.mapping import read as read_mapping
from api.resources.registers.suggestion import suggested
from tests.canary import CANARIES, traces
from tests.matrix import every
from tests.registers.writing import HEADINGS, MAPPING, csv_file, usual_row, workbook


def wrong(given: object) -> set[str]:
    with pytest.raises(MappingError) as caught:
        mapping_of(given)
    return set(caught.value.wrong)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(MAPPING), "utf-8")
    (tmp_path / "m.toml").write_text(
        f"""version = 1
source = "{MAPPING["source"]}"
backfill = {{ source_system = "記録簿", batch = "2022" }}
id = {{ column = "管理番号" }}

[constants]
direction = "provided"
basis = "consent_27_1"
method = "individual"
"counterparty.kind" = "corporation"
"principals.scheme" = "member"

[columns]
"管理番号" = {{ ignore = true }}
"提供年月日" = {{ field = "transferred_on" }}
"提供先" = {{ field = "counterparty.name" }}
"住所" = {{ field = "counterparty.address" }}
"代表者" = {{ field = "counterparty.representative" }}
"会員番号" = {{ field = "principals.id" }}
"氏名" = {{ field = "principals.name" }}
"項目" = {{ field = "items", separator = ["、"] }}
"同意" = {{ field = "consent.obtained", values = {{ "有" = true, "無" = false }} }}
""",
        "utf-8",
    )
    assert read_mapping(tmp_path / "m.toml") == read_mapping(tmp_path / "m.json")


def test_every_fault_of_a_mapping_is_named_with_its_place() -> None:
    given: dict[str, Any] = {
        "version": 2,
        "source": "?",
        "sourec": "x",
        "backfill": {"batch": "a"},
        "id": {"column": "番号", "content": True},
        "heading_row": 0,
        "merged": "maybe",
        "constants": {"direction": "sideways", "no.field": 1, "items": "氏名"},
        "columns": {
            "a": {"field": "no.field"},
            "b": {},
            "c": {"field": "purpose", "separator": "、", "blank": "unknown", "digits": 0},
            "d": {"field": "transferred_on", "days": ["us"]},
            "e": {"values": {"x": True}},
            "f": {"field": "consent.at", "clock": "25:00"},
            "g": {"field": "purpose", "numbers": "guess", "colour": "red"},
            "@1": {"field": "acquisition"},
            "h": "氏名",
        },
    }
    assert wrong(given) == {
        "version: must be 1",
        "source: must be a text",
        "sourec: unknown",
        "backfill.source_system: must be a text",
        "id: state either column, or content = true",
        "id.column: the column is not among columns",
        "heading_row: must be a number from 1 to 1000",
        "merged: refuse or repeat",
        "constants: not a value of direction",
        "constants: there is no field no.field",
        'columns."a".field: there is no field no.field',
        'columns."b": state field, values or ignore = true',
        'columns."c".separator: this field holds one text',
        'columns."c".blank: this field cannot be stated as unknown',
        'columns."c".digits: must be a number from 1 to 30',
        'columns."d".days: of compact, era, iso, kanji, serial, slashed',
        'columns."e".values."x": a column without field needs a table of fields',
        'columns."e": state field, values or ignore = true',
        'columns."f".clock: a time of day, as in 09:00',
        'columns."g".numbers: refuse or plain',
        'columns."g".colour: unknown',
        'columns."@1": @ is followed by the letters of a column, as in @C',
        'columns."h": must be a table',
        'columns."h": state field, values or ignore = true',
        "columns: purpose is the field of several columns",
    }


@every("given", [None, [], "x", {}, {"columns": []}, {"version": True}])
def test_what_is_no_mapping_is_refused_in_words(given: object) -> None:
    assert wrong(given)


def test_a_file_that_is_no_toml_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"\x93\xfa\x96{")
    with pytest.raises(MappingError):
        read_mapping(tmp_path / "m.toml")
    (tmp_path / "m.toml").write_text("a = ", "utf-8")
    with pytest.raises(MappingError):
        read_mapping(tmp_path / "m.toml")


def test_every_member_of_the_contract_can_be_a_column() -> None:
    def leaves(schema: dict[str, Any], before: str = "") -> set[str]:
        found: set[str] = set()
        for name, member in schema["properties"].items():
            inner = member if "properties" in member else member.get("items", {})
            if "properties" in inner:
                found |= leaves(inner, f"{before}{name}.")
            else:
                found.add(before + name)
        return found

    said_once = {"backfill.source_system", "backfill.batch", "date_not_recorded"}
    assert set(FIELDS) == leaves(SCHEMA) - said_once
    assert set(LABELS) == set(FIELDS)
    assert set(UNKNOWN) <= set(FIELDS)


# -- suggesting --------------------------------------------------------------------------------


def test_a_suggested_mapping_leaves_open_what_nobody_told(tmp_path: Path) -> None:
    rows = [["第三者提供記録簿"], (*HEADINGS, "備考"), usual_row(1, 1, 会員番号=1)]
    with opened(workbook(tmp_path / "r.xlsx", rows)) as sheet:
        text = suggested(sheet, "台帳")
    given = tomllib.loads(text)
    assert given["heading_row"] == 2
    assert given["columns"]["会員番号"]["numbers"] == "plain"
    assert wrong(given) == {
        "source: must be a text",
        "backfill.source_system: must be a text",
        "backfill.batch: must be a text",
        'columns."備考".field: there is no field ?',
    }


def test_rows_of_persons_are_never_taken_for_headings(tmp_path: Path) -> None:
    place = csv_file(tmp_path / "r.csv", [CANARIES] * 30)
    with opened(place) as sheet, pytest.raises(RegisterError) as caught:
        suggested(sheet, None)
    assert caught.value.code == "NO_HEADINGS_KNOWN"
    assert not traces(str(caught.value))
    with opened(csv_file(tmp_path / "s.csv", [HEADINGS, CANARIES])) as sheet:
        assert not traces(suggested(sheet, None))
