"""Generated tables are what the code says now."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from ledger.accesses.access import CASE_EXPORT, HISTORY, WHAT
from ledger.law.readings import READINGS
from tests.docs.api_page import document, operations
from tests.docs.attacks_page import ATTACKS, attacks_in, modules
from tests.docs.law_pages import WHERE
from tests.docs.make import generated
from tests.docs.markdown import DOCS, ROOT, named, pages, regions_in
from tests.docs.settings_page import names
from tests.matrix import every

_SETTING = re.compile(r"\bLEDGER_[A-Z0-9_]*[A-Z0-9]\b")
# Of a client, two of the tests, two that only the compose file reads, and one named as none.
_NO_SETTINGS = {
    "LEDGER_IMPORT_KEY",
    "LEDGER_TEST_CHROMIUM",
    "LEDGER_TEST_GOPATH",
    "LEDGER_PORT",
    "LEDGER_UID",
    "LEDGER_GID",
}


@pytest.mark.parametrize("page", sorted(generated()), ids=named)
def test_a_page_equals_its_generator(page: Path) -> None:
    told = "./dev python -m tests.docs.make writes it anew"

    assert page.read_text("utf-8") == generated()[page], told


def test_every_page_with_generated_tables_is_generated() -> None:
    with_tables = {page for page in pages() if regions_in(page)}

    assert with_tables - {ROOT / "docs" / "README.md"} == set(generated())


def test_every_module_of_attacks_says_what_it_tries() -> None:
    silent = [one for one in modules() if one.parent == ATTACKS and not [*attacks_in(one)]]

    assert silent == []


def test_every_setting_that_is_named_anywhere_exists() -> None:
    sources = [*pages(), *(ROOT / "api").rglob("*.py"), ROOT / "dev", *ROOT.glob("[Dd]ocker*e*")]
    sources = [one for one in sources if one.is_file()]
    found = {name for one in sources for name in _SETTING.findall(one.read_text("utf-8"))}

    assert found - names() - _NO_SETTINGS == set()


def test_every_reading_says_where_counsel_can_change_it() -> None:
    assert WHERE.keys() == READINGS.keys()


PERSONAL = frozenset(
    {
        "application",
        "data",
        "identifiers",
        "item",
        "name",
        "principals",
        "reason",
        "reference",
        "scheme",
        "similar",
        "statutory",
    }
)
"""Members that hold, or may hold, what is about a person, or what somebody typed about one."""

VIEWED = "viewed_at_position"
_TABLE = re.compile(r"<!-- looks -->\n(.*?)\n\n", re.DOTALL)
_OPERATION = re.compile(r"`((?:GET|POST|PUT) [^`]+)`")


@cache
def rows() -> dict[str, tuple[str, str]]:
    """Operation → what is put on record, and why."""
    found = _TABLE.search((DOCS / "reference/api.md").read_text("utf-8"))
    assert found is not None, "the table of looks"
    told: dict[str, tuple[str, str]] = {}
    for line in found[1].splitlines()[2:]:
        doors, _, on_record, why = (cell.strip() for cell in line.strip("|").split("|"))
        for one in _OPERATION.findall(doors):
            assert one not in told, f"{one} stands twice"
            told[one] = on_record.strip("`"), why
    return told


def members(schema: dict[str, Any], passed: frozenset[str] = frozenset()) -> Iterator[str]:
    """Names of all members that an answer of this schema can have, at any depth."""
    where = cast("str | None", schema.get("$ref"))
    if where is not None and where not in passed:
        target: Any = document()
        for part in where[2:].split("/"):
            target = target[part]
        yield from members(target, passed | {where})
    for name, inner in cast("dict[str, Any]", schema.get("properties", {})).items():
        yield name
        yield from members(inner, passed)
    for word in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(word, ()):
            yield from members(inner, passed)
    for word in ("items", "additionalProperties"):
        if isinstance(inner := schema.get(word), dict):
            yield from members(cast("dict[str, Any]", inner), passed)


def answered(operation: dict[str, Any]) -> tuple[frozenset[str], bool]:
    """The members of what an operation answers, and whether it answers a document."""
    contents = [
        (kind, one.get("schema", {}))
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for kind, one in response.get("content", {}).items()
    ]
    names = {name for kind, schema in contents if "json" in kind for name in members(schema)}
    is_document = any(kind in ("application/pdf", "application/zip") for kind, _ in contents)
    return frozenset(names), is_document


@every("name", [one for one in operations() if "/v1/" in one])
def test_what_can_show_a_person_is_in_the_table(name: str) -> None:
    names, is_document = answered(operations()[name])
    shows = sorted(names & PERSONAL) + ["a document"] * is_document
    assert name in rows() or not shows, f"{name} shows {shows}"


def test_the_table_names_doors_that_there_are() -> None:
    assert rows().keys() <= operations().keys()


@every("name", operations())
def test_an_answer_that_is_on_record_is_called_so(name: str) -> None:
    names, is_document = answered(operations()[name])
    is_of_case = is_document and name.startswith("GET /v1/cases/")
    on_record, why = rows().get(name, ("no", "nothing of a person"))
    assert (on_record != "no") == (VIEWED in names or is_of_case)
    assert why


def test_every_kind_of_look_stands_at_a_door() -> None:
    told = {on_record for on_record, _ in rows().values()} - {"no"}
    assert told == {HISTORY, *WHAT} - {CASE_EXPORT}
