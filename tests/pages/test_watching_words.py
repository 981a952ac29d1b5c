"""Every code that the pages of those who watch may show has words for it."""

import re
from pathlib import Path
from typing import Any, cast, get_args

import orjson

import api
from api.contract import SCHEMA
from api.resources.accesses import pages
from api.resources.emitters.calendar_pages import DayState
from api.resources.histories import page_parts
from api.resources.notices.pages.differences import DATA_KINDS
from api.resources.transfers.correction_endpoints import Retraction
from api.retention import Overview
from api.web.pages import member_words, words
from api.web.schemas import TRANSFER
from ledger.accesses.access import READ_BACK
from ledger.accesses.access import REASONS as CODES
from ledger.cases.case import CaseStatus
from ledger.crypto.keys import KEY_CLASSES
from ledger.law.findings import FindingClass


def test_every_code_has_words() -> None:
    assert set(words.DAYS) == set(get_args(DayState))
    assert set(words.KEY_CLASSES) == set(KEY_CLASSES)
    assert set(words.FINDING_CLASSES) == {one.value for one in FindingClass}
    assert set(words.NOTICE_KINDS) == {"joint_use", "opt_out"}
    assert set(words.REJECTED) == {"open", "discard_proposed"}


def test_every_reason_for_which_something_due_is_there_has_words() -> None:
    told = (Overview.__doc__ or "").partition("why: ")[2].partition("counts: ")[0]
    assert set(re.findall(r"`([a-z_]+)`", told)) == set(words.WHY_DUE)


def test_every_kind_of_data_of_the_contract_has_words() -> None:
    schema = orjson.loads(
        (Path(api.__file__).parent / "schema" / "transfer.schema.json").read_bytes()
    )
    assert set(DATA_KINDS) == set(schema["properties"]["data_kind"]["enum"])


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


def test_every_reason_that_is_a_code_has_words() -> None:
    assert {*CODES, READ_BACK, *(one.value for one in CaseStatus)} <= set(pages.REASONS)


def test_every_duty_method_and_reason_of_a_retraction_has_words() -> None:
    verdict = cast("dict[str, Any]", TRANSFER["properties"])
    assert set(page_parts.DUTIES) == set(verdict["duty"]["enum"])
    assert set(page_parts.METHODS) == set(_PROPERTIES["method"]["enum"])
    assert set(page_parts.RETRACTED) == set(get_args(Retraction.model_fields["reason"].annotation))
