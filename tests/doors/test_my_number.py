"""An individual number (個人番号) that is typed into a text is refused, and only that is logged."""

import logging
from typing import Any
from uuid import UUID

import pytest

from ledger.policies.my_number import check_digit
from tests.canary import MEMBER, OTHER_MEMBER
from tests.doors.corridor import Corridor

MY_NUMBER = f"12345678901{check_digit('12345678901')}"
GROUPED = f"番号は{MY_NUMBER[:4]}-{MY_NUMBER[4:8]}-{MY_NUMBER[8:]}です"
WHO = {"scheme": "member", "id": MEMBER}
OTHER = {"scheme": "member", "id": OTHER_MEMBER}
RECORD = UUID(int=9, version=4)
HOLD = {"identifiers": [WHO], "reason": "訴訟の提起"}
STOP = {"principal": WHO, "kind": "consent_withdrawn", "day": "2026-11-24"}
PAIR = {"a": WHO, "b": OTHER, "evidence": "住民票"}

TEXTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "the evidence of a link": ("/v1/links", PAIR, "evidence"),
    "the evidence of an unlink": ("/v1/unlinks", PAIR, "evidence"),
    "the reference of a stop": ("/v1/directives", STOP, "reference"),
    "the reason of a hold": ("/v1/holds", HOLD, "reason"),
    "the reference of a hold": ("/v1/holds", HOLD, "reference"),
    "the reason of a correction": (
        f"/v1/transfers/{RECORD}/corrections",
        {"changes": {"items": ["氏名"]}},
        "reason",
    ),
    "the reason of a reclassification": (
        f"/v1/transfers/{RECORD}/reclassifications",
        {"basis": "none"},
        "reason",
    ),
    "the note of a retraction": (
        f"/v1/transfers/{RECORD}/retraction",
        {"reason": "duplicate"},
        "note",
    ),
    "the case of a history": ("/v1/histories", {"identifiers": [WHO], "reason": "調査"}, "case"),
    "the reason of a history": ("/v1/histories", {"identifiers": [WHO], "case": "C-1"}, "reason"),
}


@pytest.mark.parametrize("text", [MY_NUMBER, GROUPED], ids=["plain", "grouped"])
@pytest.mark.parametrize("name", TEXTS)
def test_an_individual_number_in_a_text_is_refused_with_its_place(
    corridor: Corridor, name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, body, member = TEXTS[name]
    key = corridor.key("records:write", "records:read", label="officer")
    with caplog.at_level(logging.WARNING):
        answer = corridor.ask("POST", path, {**body, member: text}, key=key)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors == {f"/{member}": "MY_NUMBER_SHOWN"}
    assert MY_NUMBER not in answer.text
    assert MY_NUMBER not in caplog.text
    assert GROUPED not in caplog.text
    assert "an individual number was refused" in caplog.text


def test_an_identifier_of_twelve_digits_is_a_name_here_too(corridor: Corridor) -> None:
    named = {"scheme": "contract", "id": MY_NUMBER}
    corridor.officer("/v1/links", {**PAIR, "b": named})
    corridor.officer("/v1/holds", {**HOLD, "identifiers": [named]})


def test_a_rule_of_ours_is_told_without_the_validators_own_words(corridor: Corridor) -> None:
    answer = corridor.ask(
        "POST",
        "/v1/directives",
        {**STOP, "day": "2026/11/24"},
        key=corridor.key("records:write", label="officer"),
    )
    assert answer.errors == {"/day": "SCHEMA"}
    assert answer.body["errors"][0]["detail"] == "give a day as YYYY-MM-DD"
