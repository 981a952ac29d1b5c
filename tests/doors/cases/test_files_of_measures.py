"""The files of an answer to a request to stop or to erase: a letter, and no table of records."""

import io
import zipfile
from hashlib import sha256
from typing import Any

import pytest

from tests.doors.cases.desk import Case, begun
from tests.doors.cases.test_measures import WHY, known, somebody, taken
from tests.doors.corridor import Corridor

FILES = ["reply.pdf", "records.json", "verify.txt"]


def answers() -> dict[str, dict[str, Any]]:
    return {
        "taken": taken("provision_stopped"),
        "not taken": {"outcome": "not_taken", "reason": WHY},
    }


def files(case: Case) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.parametrize("name", answers())
def test_there_is_no_table_before_and_after_the_dispatch(corridor: Corridor, name: str) -> None:
    case = known(corridor, somebody("FILES"))
    case.do("measures", answers()[name]).do("submit").approve()
    waiting = files(case)
    assert list(waiting) == FILES
    for one in FILES[:2]:
        assert f"{sha256(waiting[one]).hexdigest()}  {one}" in waiting["verify.txt"].decode()
    assert b"records.csv" not in waiting["verify.txt"]
    case.dispatch()
    assert files(case) == waiting


def test_a_request_for_records_has_its_table_also_where_there_are_none(corridor: Corridor) -> None:
    strangers = [{"scheme": "member", "id": "CNRY-none"}, {"scheme": "phone", "id": "03-0000-0099"}]
    case = begun(corridor, identifiers=strangers).verified()
    case.do("principal", {"identifiers": [], "evidence": "該当なし", "tried": strangers})
    case.do("decisions", {}).do("submit").approve()
    assert "records.csv" in files(case)
