"""No free text of any body takes an individual number (個人番号), and only the fact is logged."""

import logging
import re

import pytest

from tests.docs.api_page import application
from tests.doors.corridor import Corridor
from tests.doors.test_my_number import MY_NUMBER
from tests.doors.texts import Text, texts, wanted

TEXTS = texts(application())
_IN_A_PATH = {"emitter": "ads", "notice_id": "QONOQ-JU"}
_SOMETHING = "00000000-0000-4000-8000-000000000007"


def test_every_free_text_of_the_document_is_asked_below() -> None:
    assert set(TEXTS) == wanted(application())
    known = {"/v1/renames/name", "/v1/notices/version/responsible/address", "/v1/exclusions/reason"}
    assert known | {"/v1/cases/form/name", "/v1/emitters/{emitter}/name"} <= set(TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_an_individual_number_is_refused_and_repeated_nowhere(
    corridor: Corridor, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = TEXTS[name]
    with caplog.at_level(logging.DEBUG):
        answer = corridor.ask(
            text.method,
            address(text),
            text.saying(MY_NUMBER),
            key=corridor.key(text.scope, label="officer"),
            headers={"If-Match": '"1"'},
        )
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION"), answer.text
    assert answer.errors[text.pointer] == "MY_NUMBER_SHOWN"
    assert MY_NUMBER not in answer.text
    assert MY_NUMBER not in caplog.text
    assert MY_NUMBER not in "".join(repr(vars(record)) for record in caplog.records)
    assert "an individual number was refused" in caplog.text


def address(text: Text) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _IN_A_PATH.get(found[1], _SOMETHING), text.path)
