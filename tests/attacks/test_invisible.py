"""Characters that no reader sees, in what tells persons apart.

Attack: an identifier or a name with a zero-width space, a soft hyphen, a filler or a selector of
forms looks like another one and is not found by it, so that a person who has records is told of
none.
Held off by: a transfer with one waits among the rejected items until it is repaired, and no case,
no form and no new name has one; joiners and selectors stay in names of scripts that need them.
"""

from datetime import date
from typing import Any

from api.contract import defects
from api.resources.cases.schemas.examples import REQUEST
from tests.law.building import CORPORATION, P1, data_of
from tests.pages.office import Office
from tests.pages.test_intake import wrong

INVISIBLE = ("\u200b", "\u00ad", "\u2060", "\ufeff", "\u180e", "\u2800", "\u3164", "\U000e0041")
"""Each looks like nothing, and makes another text of the one that it stands in."""


def found(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- JSON
    return [(one.pointer, one.code) for one in defects(data_of(**changes), date(2024, 6, 1))]


SELECTORS = ("\ufe00", "\ufe0f", "\u180b", "\u180f", "\U00016fe4", "\U000e0100", "\U000e01ef")
"""Each chooses a form of what stands before it, or none."""
CHOSEN = (
    "邉\U000e0104",
    "辻\ufe00",
    "\u1820\u180b",
    "👩\u200d👩\u200d👧",
    "علی\u200cرضا",
    "क्\u200dष",
    "佐藤　明子",
    "é",
)


def test_a_character_that_no_reader_sees_is_refused_in_an_identifier_and_a_name() -> None:
    for hidden in (*INVISIBLE, "\u200d", "\u200c"):
        twin = P1 | {"id": f"M-1{hidden}", "name": f"佐藤{hidden}明子"}
        party = CORPORATION | {"name": f"株式会社{hidden}みほん"}
        assert found(principals=[P1, twin], counterparty=party) == [
            ("/counterparty/name", "INVISIBLE_CHARACTER"),
            ("/principals/1/id", "INVISIBLE_CHARACTER"),
            ("/principals/1/name", "INVISIBLE_CHARACTER"),
        ], ascii(hidden)
        assert found(purpose=f"案内{hidden}の送付") == [], "a free text names nobody"


def test_what_chooses_a_form_is_accepted_in_a_name_behind_a_letter_that_has_several() -> None:
    assert [name for name in CHOSEN if found(principals=[P1 | {"name": name}])] == []
    for selector in SELECTORS:
        for base in ("a", "サ", "1", "辻\ufe00", "김", "ー"):
            twin = P1 | {"name": f"佐藤{base}{selector}"}
            refused = [("/principals/0/name", "INVISIBLE_CHARACTER")]
            assert found(principals=[twin]) == refused, ascii(base + selector)
        for base in ("M-1", "辻", "\u1820"):
            twin = P1 | {"id": f"{base}{selector}"}
            refused = [("/principals/1/id", "INVISIBLE_CHARACTER")]
            assert found(principals=[P1, twin]) == refused, ascii(base + selector)


def test_a_new_name_and_the_name_of_a_form_are_refused_as_those_of_a_transfer_are(
    office: Office,
) -> None:
    key = office.key("records:write", "cases:write", "cases:read", owner="officer")
    for name in ("カナリア\u200b 花子", "カナリア\ufe00 花子"):
        renamed = {"principal": {"scheme": "member", "id": "CNRY-M-1"}, "name": name}
        answer = office.api("POST", "/v1/renames", key, renamed)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (
            422,
            "INVISIBLE_CHARACTER",
        )
        assert answer.json()["errors"][0]["pointer"] == "/name"
        asked = {**REQUEST, "form": {"name": name, "address": "東京都千代田区永田町2-11-1"}}
        answer = office.api("POST", "/v1/cases", key, asked)
        assert answer.status_code == 422
        errors = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
        assert errors == {"/form/name": "INVISIBLE_CHARACTER"}


def test_a_form_with_an_identifier_that_hides_a_character_is_told_so(office: Office) -> None:
    identifier = ["CNRY-M-1", "CNRY-M-2\u200b", ""]
    found = wrong(office, scheme=["member", "phone", ""], identifier=identifier)
    assert [*found] == ["identifiers"]
    assert "目に見えない文字" in found["identifiers"]
