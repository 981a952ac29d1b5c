"""Every timeline and every masking case, played through HTTP, and each expectation made wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.folders import PROPERTIES, STEPS, folder_of, not_executed, stories
from tests.acceptance.reading import OWN_FOLDER, Case, read_folder
from tests.acceptance.through_http.comparing import differences
from tests.acceptance.through_http.masking import ALWAYS, of_letters
from tests.acceptance.through_http.mutating import wrong
from tests.acceptance.through_http.playing import Played, played
from tests.acceptance.through_http.story import STEPS as PLAYED
from tests.database import Database, Server, cloned_database

SCHEMA = json.loads((OWN_FOLDER.parent / "case.schema.json").read_bytes())
Play = Callable[[Case], Played]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "story" in metafunc.fixturenames:
        cases = stories(folder_of(metafunc.config))
        metafunc.parametrize("story", cases, ids=[case.id for case in cases])


@pytest.fixture
def play(database: Database, server: Server, tmp_path: Path) -> Play:
    """Plays one case in ledgers of its own."""
    spare = partial(cloned_database, server)
    return lambda case: played(case, database, spare, tmp_path)


def own(id_: str, **changes: Any) -> Case:  # noqa: ANN401 -- members of `given`
    """A case of ours, with some members of what it gives changed."""
    [case] = [one for one in read_folder(OWN_FOLDER).stories if one.id == id_]
    return replace(case, given={**case.given, **changes})


def test_the_product_answers_as_the_case_says_and_a_wrong_case_fails(
    story: Case, play: Play
) -> None:
    told = play(story)
    assert not differences(story, story.expect, told), told.unlike
    for what, expect in wrong(story.expect):
        assert differences(story, expect, told), f"{what} was taken for what is expected"


def test_none_of_our_cases_waits_and_every_step_of_the_schema_is_played() -> None:
    assert not_executed(read_folder(OWN_FOLDER)) == []
    steps = {one["properties"]["do"]["const"] for one in SCHEMA["$defs"]["steps"]["items"]["oneOf"]}
    assert steps == STEPS == set(PLAYED)
    [masking] = [one for one in SCHEMA["oneOf"] if one["properties"]["kind"]["const"] == "masking"]
    given = masking["properties"]["given"]["oneOf"]
    assert {one["properties"]["property"]["const"] for one in given} == PROPERTIES


def without(side: Mapping[str, Any], *steps: str) -> dict[str, Any]:
    return {**side, "steps": [one for one in side["steps"] if one["do"] not in steps]}


def test_two_letters_of_which_one_discloses_are_told_apart(play: Play) -> None:
    case = own("G08")
    told = play(own("G08", right=without(case.given["right"], "exclude_order11")))
    assert told.equal is False
    assert {"records.json", "records.csv"} <= set(told.unlike)
    assert "the answer of principal" in told.unlike


def test_each_thing_that_is_masked_tells_two_letters_apart_when_it_is_not(play: Play) -> None:
    told = play(own("G08"))
    files = told.told.files
    whole = ALWAYS | {"case_number", "dates", "addressee"}
    assert [*of_letters(files["C1"], files["C9"], whole)] == []
    for one in whole:
        assert "records.json" in of_letters(files["C1"], files["C9"], whole - {one}), one


def test_two_cases_of_one_name_are_compared_each_in_its_own_ledger(play: Play) -> None:
    text = json.dumps(own("G08").given["right"]).replace('"C9"', '"C1"').replace('"P9"', '"P1"')
    told = play(own("G08", right=json.loads(text)))
    assert (told.equal, told.unlike) == (True, ())


def test_letters_with_an_excluded_record_among_others_are_compared_on_paper(play: Play) -> None:
    """With lines, a part that is withheld, and one record more on one side, which is excluded."""
    record = own("F10").given["steps"]
    told_of, hidden, excluded = record[0], record[1], record[2]
    ends = own("G07").given["steps"][2:]
    held = {**ends[1], "key": "R1", "part": "items", "items": ["ご利用履歴"]}
    steps = [told_of, ends[0], held, *ends[2:]]
    more = [told_of, hidden, excluded, *steps[1:]]
    left, right = {"case": "C1", "steps": steps}, {"case": "C1", "steps": more}
    told = play(own("G08", left=left, right=right))
    assert (told.equal, told.unlike) == (True, ())
    assert told.told.replies[0].template == "PARTIAL"


def test_a_reply_that_never_went_out_is_not_made_again(play: Play) -> None:
    steps = [one for one in own("G11").given["steps"] if one["do"] != "dispatch"]
    told = play(own("G11", steps=steps))
    assert (told.equal, told.unlike) == (False, ("nothing went out",))
