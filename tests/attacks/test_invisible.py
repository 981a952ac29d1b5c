"""Characters that no reader sees, in what tells persons apart.

Attack: an identifier or a name with a zero-width space, a soft hyphen or a filler looks like
another one and is not found by it, so that a person who has records is told of none.
Held off by: a transfer with one waits among the rejected items until it is repaired, and no case
names one; joiners stay in names of scripts that need them.
"""

from datetime import date
from typing import Any

import pytest

from api.contract import defects
from tests.law.building import CORPORATION, P1, data_of
from tests.pages.office import Office
from tests.pages.test_intake import wrong

INVISIBLE = ("\u200b", "\u00ad", "\u2060", "\ufeff", "\u180e", "\u2800", "\u3164", "\U000e0041")
"""Each looks like nothing, and makes another text of the one that it stands in."""


def found(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- JSON
    return [(one.pointer, one.code) for one in defects(data_of(**changes), date(2024, 6, 1))]


@pytest.mark.parametrize("hidden", [*INVISIBLE, "\u200d", "\u200c"], ids=ascii)
def test_a_character_that_no_reader_sees_is_refused_in_an_identifier_and_a_name(
    hidden: str,
) -> None:
    twin = P1 | {"id": f"M-1{hidden}", "name": f"佐藤{hidden}明子"}
    party = CORPORATION | {"name": f"株式会社{hidden}みほん"}
    assert found(principals=[P1, twin], counterparty=party) == [
        ("/counterparty/name", "INVISIBLE_CHARACTER"),
        ("/principals/1/id", "INVISIBLE_CHARACTER"),
        ("/principals/1/name", "INVISIBLE_CHARACTER"),
    ]
    assert found(purpose=f"案内{hidden}の送付") == [], "a free text names nobody"


@pytest.mark.parametrize(
    "name",
    [
        "邉\U000e0104",
        "辻\ufe00",
        "👩\u200d👩\u200d👧",
        "علی\u200cرضا",
        "क्\u200dष",
        "佐藤　明子",
        "é",
    ],
)
def test_what_chooses_the_form_of_a_letter_is_accepted_in_a_name(name: str) -> None:
    assert found(principals=[P1 | {"name": name}]) == []


def test_a_form_with_an_identifier_that_hides_a_character_is_told_so(office: Office) -> None:
    identifier = ["CNRY-M-1", "CNRY-M-2\u200b", ""]
    found = wrong(office, scheme=["member", "phone", ""], identifier=identifier)
    assert [*found] == ["identifiers"]
    assert "目に見えない文字" in found["identifiers"]
