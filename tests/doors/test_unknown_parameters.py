"""A parameter that a list does not know is refused, not passed over."""

import pytest

from api.auth import Scope
from tests.doors.corridor import Corridor

LISTS: dict[str, Scope] = {
    "/v1/cases": "cases:read",
    "/v1/holds": "records:write",
    "/v1/reassessments": "records:write",
    "/v1/accesses": "audit:read",
}


@pytest.mark.parametrize("path", LISTS)
def test_a_misspelt_parameter_is_told(corridor: Corridor, path: str) -> None:
    key = corridor.key(LISTS[path])
    answer = corridor.ask("GET", f"{path}?limit=1&lmit=2&Yamada=1", key=key)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors == {"/query/lmit": "SCHEMA", "/query": "SCHEMA"}
    assert "Yamada" not in answer.text


@pytest.mark.parametrize("path", LISTS)
def test_a_stranger_is_told_nothing_of_parameters(corridor: Corridor, path: str) -> None:
    assert corridor.ask("GET", f"{path}?lmit=2", key=None).status == 401
