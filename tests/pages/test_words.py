"""Every code that a page may show has words for it; every field says whether it must be filled."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import orjson
import pytest

import api
from api.auth.people.errors import SIGN_IN_CODES
from api.case_replies.since import FLAGS
from api.contract import SCHEMA
from api.resources.accesses import pages
from api.resources.cases.search.search import BY_IDENTIFIER, BY_NAME, BY_SPELLING
from api.resources.emitters.pages import DayState
from api.resources.histories import page_parts
from api.resources.notices.pages.differences import DATA_KINDS
from api.resources.registers.forms.mapping_form import (
    form_of,
    read_mapping,
)
from api.resources.registers.mapping import mapping_of
from api.resources.transfers.correction_endpoints import Retraction
from api.retention import Overview
from api.web.pages import member_words, words
from api.web.pages.citations import cited
from api.web.schemas import TRANSFER
from ledger.accesses.access import READ_BACK
from ledger.accesses.access import REASONS as CODES
from ledger.cases.case import CaseStatus
from ledger.cases.identification import WARNINGS
from ledger.cases.intake import CHANNELS, MEDIA
from ledger.cases.letters.lines import PROVIDED, RECEIVED
from ledger.cases.mistake_steps import CAUSES, WHATS
from ledger.crypto.keys import KEY_CLASSES
from ledger.format import events
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS, FindingClass
from ledger.law.procedure.codes import PERSONS, REPLY_ADDRESSES, REQUESTERS
from ledger.law.requests import KINDS
from ledger.policies.addresses.comparison import AddressProposal
from ledger.policies.name_comparison import CHECKS, NO_RECORDS, UNNAMED
from tests.registers.writing import MAPPING, mapping


def _flat(union: object) -> Iterator[type]:
    if isinstance(union, types.UnionType):
        for member in get_args(union):
            yield from _flat(member)
    elif isinstance(union, type):
        yield union


def test_every_code_has_words() -> None:
    assert set(words.EVENTS) == {vars(one)["TYPE"] for one in _flat(events.CaseEvent)}
    assert set(words.STATES) == set(CaseStatus)
    assert set(words.KINDS) == set(KINDS)
    assert set(words.REQUESTERS) == set(REQUESTERS)
    assert set(words.PERSONS) == set(PERSONS)
    assert set(words.REPLY_ADDRESSES) == set(REPLY_ADDRESSES)
    assert set(words.CHANNELS) == set(CHANNELS)
    assert set(words.MEDIA) == set(MEDIA)
    assert set(words.PROPOSALS) == {one.value for one in AddressProposal}
    assert set(words.FLAGS) == set(FLAGS)
    assert set(words.WARNINGS) == set(WARNINGS)
    assert set(words.NAMES_COMPARED) == {*CHECKS, UNNAMED, NO_RECORDS}
    assert set(words.MISTAKES) == set(WHATS)
    assert set(words.CAUSES) == set(CAUSES)
    assert set(words.SIGN_IN_FAILURES) == set(SIGN_IN_CODES)
    assert set(words.MATCHED) == {BY_IDENTIFIER, BY_NAME, BY_SPELLING}
    assert set(words.SIDES) == {PROVIDED, RECEIVED}


PARTS = re.compile(r"(?:法|規則)?第[0-9]+条(?:第[0-9]+項)?(?:第[0-9]+号)?(?:ただし書)?")


def test_every_article_of_the_tables_is_one_that_can_be_cited() -> None:
    for one in (*FINDINGS.values(), *BASES.values()):
        for part in cited(one.article).split("、"):
            assert PARTS.fullmatch(part), one.article


def test_watching_every_code_has_words() -> None:
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


API = Path(api.__file__).parent
LABEL = re.compile(r'<label for="([^"]*(?:\{\{.*?\}\}[^"]*)*)">(.*?)</label>')
MARK = re.compile(r"need\(|marked\(")
UNMARKED = {
    "q": "searched by",
    "only": "filtered by",
    "code": "filtered by",
    "from": "compared, and nothing put down",
    "to": "compared, and nothing put down",
    "scheme-": "marked by the legend of its rows",
    "identifier-": "marked by the legend of its rows",
    "_era": "part of a day, marked by its legend",
    "changed_field_": "part of a change, marked by its legend",
    "_{{ part }}": "part of a day, marked by its legend",
    "members.time_of(name)": "part of an instant, marked by its legend",
}
"""What stands in the name of a field whose label bears no mark → why."""


def unmarked(template: str) -> list[str]:
    """Names of the fields whose labels bear no mark and are not listed."""
    found = LABEL.findall(template)
    return [
        name
        for name, words in found
        if not MARK.search(words) and not any(_is_of(name, one) for one in UNMARKED)
    ]


def _is_of(name: str, listed: str) -> bool:
    return name == listed or (not listed.isalpha() and listed in name)


@pytest.mark.parametrize(
    "path", sorted(API.rglob("templates/**/*.html")), ids=lambda one: str(one.relative_to(API))
)
def test_each_label_of_a_template_is_marked(path: Path) -> None:
    template = path.read_text("utf-8")
    assert unmarked(template) == []
    assert re.findall(r"\{\{ (?:text|day|choice|area)\([^}]*?, none\b", template) == []


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
    found = read_mapping(form_of(document), document)
    assert found.defects == {}
    assert mapping_of(found.document) == mapping_of(document)
