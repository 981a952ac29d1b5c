"""Every code that the pages of those who watch may show has words for it."""

import re
from pathlib import Path
from typing import get_args

import orjson

import api
from api.resources.emitters.calendar_pages import DayState
from api.resources.notices.pages.differences import DATA_KINDS
from api.retention import Overview
from api.web.pages import words
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


def test_marks_of_days_differ_from_one_another() -> None:
    marks = [mark for mark, _ in words.DAYS.values()]
    assert len(set(marks)) == len(marks)


def test_a_hold_names_identifiers_of_the_known_schemes() -> None:
    assert [name for name in words.HOLD_FIELDS if name.startswith("id_")] == [
        f"id_{n}" for n in range(1, 6)
    ]


def test_every_kind_of_data_of_the_contract_has_words() -> None:
    schema = orjson.loads(
        (Path(api.__file__).parent / "schema" / "transfer.schema.json").read_bytes()
    )
    assert set(DATA_KINDS) == set(schema["properties"]["data_kind"]["enum"])
