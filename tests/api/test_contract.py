"""The input contract: every defect with its place, its code and what to do; nothing repeated."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract import SCHEMA, check, defects
from ledger.errors import MalformedError
from tests.law.building import ABROAD, CITY, CORPORATION, P1, REMOVED, data_of
from tests.matrix import every

TODAY = date(2024, 6, 1)
PERIOD = {"transferred_on": REMOVED, "transferred_from": "2024-04-01"}
OLD = {"transferred_on": REMOVED, "date_not_recorded": True}
BACKFILL = {"source_system": "old", "batch": "1"}


def found(data: object) -> list[tuple[str, str]]:
    return [(defect.pointer, defect.code) for defect in defects(data, TODAY)]


def detail(**changes: object) -> str:
    (defect,) = defects(data_of(**changes), TODAY)
    return defect.detail


def test_a_refused_transfer_names_all_its_defects() -> None:
    data = data_of(consent=REMOVED, items=[], transferred_on="2024-06-02", naem="x")
    with pytest.raises(MalformedError) as refused:
        check(data, TODAY)
    assert {(d.pointer, d.code) for d in refused.value.defects} == {
        ("/consent", "SCHEMA"),
        ("/items", "SCHEMA"),
        ("/naem", "SCHEMA"),
        ("/transferred_on", "DATE_IN_FUTURE"),
    }


@every(
    "changes, pointer, article",
    [
        ({"consent": REMOVED}, "/consent", "Rule 20(1)(ii)イ"),
        ({"items": REMOVED}, "/items", "Rule 20(1)(i)ニ"),
        ({"principals": REMOVED}, "/principals", "Rule 20(1)(i)ハ"),
        ({"counterparty": REMOVED}, "/counterparty", "Rule 20(1)(i)ロ"),
        ({"transferred_on": REMOVED}, "/transferred_on", "Rule 20(1)(i)イ"),
        (
            {"counterparty": {k: v for k, v in CORPORATION.items() if k != "representative"}},
            "/counterparty/representative",
            "Rule 20(1)(i)ロ",
        ),
        ({"direction": "received"}, "/acquisition", "Act 30(1)(ii), Rule 24(1)(i)ロ"),
        (
            {"direction": "received", "acquisition": "x", "consent": REMOVED},
            "/consent",
            "Rule 24(1)(ii)イ",
        ),
        (
            {"direction": "received", "basis": "opt_out_27_2", "acquisition": "x"},
            "/opt_out_published",
            "Rule 24(1)(i)ホ",
        ),
        (
            {
                "basis": "personally_referable_31_1",
                "data_kind": "personally_referable",
                "consent": REMOVED,
            },
            "/consent",
            "Rule 28(1)(i)",
        ),
        ({"basis": "opt_out_27_2"}, "/notice_id", "Act 27(2)"),
        ({"basis": "joint_use_27_5_iii", "purpose": "x"}, "/notice_id", "Act 27(5)(iii)"),
        ({"basis": "joint_use_27_5_iii", "notice_id": None}, "/purpose", "Act 27(5)(iii)"),
        ({"method": "contract"}, "/contract_reference", "Rule 19(3)"),
        ({"base_record": "R1"}, "/omitted_items", "Rule 20(2)"),
        ({"omitted_items": ["ITEMS"]}, "/base_record", "Rule 20(2)"),
        ({"basis": "on_behalf_of_principal"}, "/exemption", "Act 29(1)"),
        ({"data_kind": "anonymously_processed"}, "/anonymous", "Act 43(4)"),
    ],
)
def test_a_missing_member_is_named_with_the_article_that_asks_for_it(
    changes: dict[str, object], pointer: str, article: str
) -> None:
    data = data_of(**changes)
    assert found(data) == [(pointer, "SCHEMA")]
    assert article in detail(**changes)


@every(
    "changes, pointer, words",
    [
        (OLD, "/date_not_recorded", "backfill"),
        (PERIOD, "/transferred_to", "null while the series is open"),
        ({"transferred_on": REMOVED, "transferred_to": None}, "/transferred_from", "beside"),
        ({"transferred_from": "2024-04-01"}, "/transferred_on", "exactly one"),
        ({"date_not_recorded": True, "backfill": BACKFILL}, "/transferred_on", "exactly one"),
        (
            PERIOD | {"transferred_to": None, "transferred_on": "2024-04-01"},
            "/transferred_on",
            "exactly one",
        ),
    ],
)
def test_the_day_is_stated_in_exactly_one_way(
    changes: dict[str, object], pointer: str, words: str
) -> None:
    assert found(data_of(**changes)) == [(pointer, "SCHEMA")]
    assert words in detail(**changes)


@every(
    "changes, pointer",
    [
        ({"direction": "sent"}, "/direction"),
        ({"items": "氏名"}, "/items"),
        ({"items": [""]}, "/items/0"),
        ({"items": ["氏名", "氏名"]}, "/items"),
        ({"principals": [P1, P1]}, "/principals"),
        ({"principals": [{"scheme": "Member", "id": "1"}]}, "/principals/0/scheme"),
        ({"principals": [P1, {"scheme": "member", "id": "x" * 201}]}, "/principals/1/id"),
        ({"principals": [{"scheme": "m", "id": str(n)} for n in range(1001)]}, "/principals"),
        ({"counterparty": CORPORATION | {"country": "jp"}}, "/counterparty/country"),
        (
            {"counterparty": CORPORATION | {"corporate_number": "123"}},
            "/counterparty/corporate_number",
        ),
        ({"counterparty": ABROAD | {"colour": "red"}}, "/counterparty/colour"),
        ({"transferred_on": "2024-02-30"}, "/transferred_on"),
        ({"transferred_on": 20240401}, "/transferred_on"),
        ({"consent": {"obtained": "yes"}}, "/consent/obtained"),
        ({"consent": {"obtained": True, "at": "2024-04-01T09:00:00"}}, "/consent/at"),
        ({"consent": {"obtained": True, "at": "2024-04-01T23:59:60Z"}}, "/consent/at"),
        (PERIOD | {"transferred_to": "soon"}, "/transferred_to"),
        ({"method": "collective"}, "/series_id"),
        ({"series_id": "S"}, "/method"),
        ({"basis": "non_operator_source"}, "/direction"),
        (
            {
                "direction": "received",
                "acquisition": "x",
                "counterparty": {"kind": "unspecified_many"},
            },
            "/counterparty/kind",
        ),
        ({"purpose": 10**40}, "/purpose"),
    ],
)
def test_a_wrong_member_is_named_once_at_its_place(
    changes: dict[str, object], pointer: str
) -> None:
    assert found(data_of(**changes)) == [(pointer, "SCHEMA")]


@every("data", [None, 1, "x", [], [data_of()], True])
def test_what_is_no_object_is_no_transfer(data: object) -> None:
    assert found(data) == [("", "SCHEMA")]


def test_an_input_that_is_nested_too_deeply_is_refused_and_harms_nobody() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert found(data_of(purpose=deep)) == [("/purpose", "SCHEMA"), ("", "SCHEMA")]


@every(
    "text",
    [
        "a\x00b",
        "\x1b[2J",
        "\x7f",
        "\x85",
        "\u202eevil",
        "\u2066x\u2069",
        "\u200f",
        "\u200e",
        "\u061c",
        "half \ud83d",
    ],
)
def test_a_character_that_cannot_be_shown_is_refused_at_its_place(text: str) -> None:
    assert found(data_of(purpose=text)) == [("/purpose", "CONTROL_CHARACTER")]
    assert found(data_of(principals=[P1, {"scheme": "member", "id": text}])) == [
        ("/principals/1/id", "CONTROL_CHARACTER")
    ]


@given(st.characters())
def test_a_character_is_refused_exactly_when_it_is_listed(character: str) -> None:
    point = ord(character)
    listed = (
        (point < 0x20 and character not in "\t\n\r")
        or 0x7F <= point <= 0x9F
        or 0xD800 <= point <= 0xDFFF
        or 0x202A <= point <= 0x202E
        or 0x2066 <= point <= 0x2069
        or point in (0x200E, 0x200F, 0x061C)
    )
    assert bool(found(data_of(purpose=f"x{character}y"))) is listed


CANARY = "カナリア花子-4649"


@every(
    "changes",
    [
        {member: CANARY for member in SCHEMA["properties"] if member != "principals"},
        {member: [CANARY] for member in SCHEMA["properties"]},
        {member: {CANARY: CANARY} for member in SCHEMA["properties"]},
        {CANARY: CANARY},
        {"principals": [{"scheme": CANARY, "id": CANARY * 50, CANARY: 1}]},
        {"counterparty": CITY | {"country": CANARY, "corporate_number": CANARY}},
        {"consent": {"obtained": CANARY, "at": CANARY, "foreign_information": [CANARY]}},
        {"purpose": f"{CANARY}\x00"},
    ],
)
def test_no_defect_repeats_anything_of_the_input(changes: dict[str, Any]) -> None:
    refused = defects(data_of(**changes), TODAY)
    assert refused
    told = str(MalformedError(refused)) + "".join(
        f"{defect.pointer}{defect.code}{defect.detail}" for defect in refused
    )
    assert not any(part in told for part in (CANARY, "カナリア", "4649"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), JSON, max_size=6))
def test_whatever_comes_in_is_answered_with_pointers_and_codes(changes: dict[str, Any]) -> None:
    for defect in defects(data_of(**changes), TODAY):
        assert defect.pointer == "" or defect.pointer.startswith("/")
        assert defect.code in {
            "SCHEMA",
            "CONTROL_CHARACTER",
            "CORPORATE_NUMBER_CHECK_DIGIT",
            "DATE_RANGE_REVERSED",
            "DATE_IN_FUTURE",
        }
        assert defect.detail


# -- A statutory item in which nothing can be seen is a missing one (0069) --


BLANKS = {
    "a space": " ",
    "spaces and line breaks": " \t\r\n ",
    "an ideographic space": "\u3000",
    "a no-break space": "\u00a0",
    "a zero-width space": "\u200b",
    "a joiner and a non-joiner": "\u200d\u200c",
    "a byte order mark": "\ufeff",
    "a word joiner": "\u2060",
    "a soft hyphen": "\u00ad",
    "a Mongolian vowel separator": "\u180e",
    "a variation selector on nothing": "\ufe0f",
    "an accent on nothing": "\u0301",
    "a Hangul filler": "\u3164",
    "an empty Braille cell": "\u2800",
    "a tag of a language": "\U000e0020",
    "all sorts at once": " \u3000\u200b\ufeff\u2060\u00ad",
}
FORM = "邉\U000e0104"
SEEN = (
    "-",
    "０",
    "e\u0301",
    "\u3000東京都",
    FORM,
    "👨\u200d👩\u200d👧",
    "ｶ",
    "々",
)
PLACES: list[tuple[str, dict[str, Any], str]] = [
    ("/counterparty/name", {"counterparty": CORPORATION | {"name": ...}}, "Rule 20(1)(i)ロ"),
    ("/counterparty/address", {"counterparty": CORPORATION | {"address": ...}}, "Rule 20(1)(i)ロ"),
    (
        "/counterparty/representative",
        {"counterparty": CORPORATION | {"representative": ...}},
        "Rule 20(1)(i)ロ",
    ),
    ("/counterparty/address", {"counterparty": CITY | {"address": ...}}, "Rule 20(1)(i)ロ"),
    ("/principals/1/id", {"principals": [P1, P1 | {"id": ...}]}, "Rule 20(1)(i)ハ"),
    ("/principals/0/name", {"principals": [P1 | {"name": ...}]}, "Rule 20(1)(i)ハ"),
    ("/items/1", {"items": ["氏名", ...]}, "Rule 20(1)(i)ニ"),
    (
        "/acquisition",
        {"direction": "received", "acquisition": ...},
        "Act 30(1)(ii), Rule 24(1)(i)ロ",
    ),
    (
        "/notice_id",
        {"basis": "joint_use_27_5_iii", "purpose": "analytics", "notice_id": ...},
        "Act 27(5)(iii)",
    ),
    (
        "/purpose",
        {"basis": "joint_use_27_5_iii", "purpose": ..., "notice_id": "n1"},
        "Act 27(5)(iii)",
    ),
    ("/contract_reference", {"method": "contract", "contract_reference": ...}, "Rule 19(3)"),
]


def filled(value: object, text: str) -> Any:  # noqa: ANN401 -- JSON
    """`value` with `text` wherever it says `...`."""
    if isinstance(value, dict):
        return {key: filled(one, text) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [filled(one, text) for one in cast("list[object]", value)]
    return text if value is ... else value


@every("blank", BLANKS.values(), called=ascii)
@every("pointer, changes, article", PLACES)
def test_a_blank_item_is_refused_with_its_place_and_its_article(
    pointer: str, changes: dict[str, Any], article: str, blank: str
) -> None:
    [defect] = defects(data_of(**filled(changes, blank)), TODAY)
    assert (defect.pointer, defect.code) == (pointer, "BLANK")
    assert article in defect.detail


@every("pointer, changes, article", PLACES)
@every("text", SEEN)
def test_a_text_with_one_character_that_can_be_seen_is_a_text(
    text: str, pointer: str, changes: dict[str, Any], article: str
) -> None:
    del article
    found = [one.code for one in defects(data_of(**filled(changes, text)), TODAY)]
    # What chooses a form of a kanji belongs to a name, and to no identifier.
    is_refused = text == FORM and pointer == "/principals/1/id"
    assert found == (["INVISIBLE_CHARACTER"] if is_refused else [])


def never_empty(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Where the schema refuses an empty text, by another reading of it than the product's."""
    if "minLength" in schema:
        yield path
    for name, one in schema.get("properties", {}).items():
        yield from never_empty(one, f"{path}/{name}")
    if "items" in schema:
        yield from never_empty(schema["items"], f"{path}/0")


def at(path: str, text: str) -> dict[str, Any]:
    """The members of a transfer that put `text` there."""
    value: Any = text
    *outer, last = path.split("/")[1:]
    value = [text] if last == "0" else {last: text}
    for token in reversed(outer):
        value = [value] if token == "0" else {token: value}
    return value


@every("path", [*never_empty(SCHEMA)])
def test_wherever_an_empty_text_is_refused_a_blank_one_is(path: str) -> None:
    found = {(one.pointer, one.code) for one in defects(data_of(**at(path, "\u3000")), TODAY)}
    assert (path, "BLANK") in found


@given(st.text(st.characters(categories=["Zs", "Cf", "Mn"]), min_size=1), st.characters())
def test_a_text_is_blank_exactly_when_nothing_in_it_can_be_seen(around: str, one: str) -> None:
    codes = [found.code for found in defects(data_of(purpose=around), TODAY)]
    assert codes in (["BLANK"], ["CONTROL_CHARACTER"])
    if one.isprintable() and (one.isalnum() or one in "-・()"):
        codes = [found.code for found in defects(data_of(purpose=f"山{around}{one}"), TODAY)]
        assert "BLANK" not in codes
