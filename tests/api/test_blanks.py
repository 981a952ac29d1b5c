"""A statutory item in which nothing can be seen is a missing one (0069)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from api.contract import SCHEMA, defects
from tests.law.building import CITY, CORPORATION, P1, data_of
from tests.matrix import every

TODAY = date(2024, 6, 1)
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
