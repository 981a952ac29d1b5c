"""The table of the ASVS is complete, and what it names is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from api.observability.logs import FIELDS
from api.problems.kind import DEFECTS_JA
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS, ON_RECEIPT
from ledger.law.requests import KINDS
from ledger.postgres.roles import WRITER
from tests.acceptance.reading import OWN_FOLDER, read_folder
from tests.database import Database
from tests.docs.asvs_page import LEVELS, STATES, rows
from tests.docs.markdown import DOCS, ROOT

_SPAN = re.compile(r"`([^`]+)`")
_WORDS_MAX = 12


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests of a file; none where there is no such file."""
    if not path.startswith("tests/") or not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def is_there(named: str) -> bool:
    path, _, test = named.partition("::")
    if test:
        return test.startswith("test_") and test in names_in(path)
    return (ROOT / path).is_file()


def test_every_requirement_stands_there_once_with_its_level() -> None:
    assert [(row.number, row.level) for row in rows()] == [*LEVELS.items()]
    assert len(LEVELS) == 345


def test_every_row_has_one_of_three_states_and_few_words() -> None:
    wrong = [
        row.number
        for row in rows()
        if row.state not in STATES or not 0 < len(row.requirement.split()) <= _WORDS_MAX
    ]
    assert wrong == []


def test_what_is_shown_names_a_test_or_a_file_and_everything_else_says_why() -> None:
    wrong: list[str] = []
    for row in rows():
        named = [one for one in _SPAN.findall(row.where) if is_there(one)]
        if row.state == "held" and not named:
            wrong.append(f"{row.number} names neither a test nor a file")
        if row.state != "held" and not row.where.endswith("."):
            wrong.append(f"{row.number} does not say why")
    assert wrong == []


def test_every_test_and_every_file_that_a_row_names_is_there() -> None:
    missing = [
        f"{row.number}: {one}"
        for row in rows()
        for one in _SPAN.findall(row.where)
        if ("::" in one or "/" in one) and not is_there(one)
    ]
    assert missing == []


_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_HEAD = "| who holds | what they can do | how it would show |"


def _cells() -> list[str]:
    """The cells of the second and third column, in order."""
    text = (DOCS / "explanation" / "trust.md").read_text("utf-8")
    rows = text.partition(_HEAD)[2].partition("\n\n")[0].strip().splitlines()[1:]
    cells: list[str] = []
    for row in rows:
        _, _, can, shows, _ = row.split("|")
        cells += [can.strip(), shows.strip()]
    return cells


CELLS = _cells()


def test_what_a_cell_says_is_tried_by_tests_that_there_are() -> None:
    assert len(CELLS) >= 16
    for cell in CELLS:
        named = _TEST.findall(cell)
        assert named, f"a cell without a test: {cell}"
        assert [test for path, test in named if test not in names_in(path)] == []


_VERDICTS = DOCS / "reference" / "verdicts.md"
_SECTION = re.compile(r"^## Article by article\n(.*?)(?=^## )", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"`(\w+)` in `([\w/.]+)`")
_OF_ACT = re.compile(r"\d+")
_CIVIL = re.compile(r"Civil Code ((?:\d+, )*\d+)")


class Article(NamedTuple):
    """Which article decides what, in which places of the code, shown by which cases."""

    article: str
    places: list[tuple[str, str]]
    cases: list[str]


def articles(page: str) -> list[Article]:
    [section] = _SECTION.findall(page)
    table = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [Article(one[0], _PLACE.findall(one[2]), _SPAN.findall(one[3])) for one in cells]


def lacking(page: str) -> list[str]:
    """Rows without a place or a case, and places and cases that are not there."""
    folder = read_folder(OWN_FOLDER)
    cases = {case.id for case in (*folder.running, *folder.stories)}
    found: list[str] = []
    for row in articles(page):
        if not row.places or not row.cases:
            found.append(row.article)
        found += [name for name, path in row.places if not _is_defined(name, path)]
        found += [case for case in row.cases if case not in cases]
    return found


def _is_defined(name: str, path: str) -> bool:
    file = ROOT / path
    found = rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b\s*[:=]"
    return file.is_file() and re.search(found, file.read_text("utf-8"), re.MULTILINE) is not None


def test_every_place_and_every_case_of_the_table_is_there() -> None:
    page = _VERDICTS.read_text("utf-8")
    assert len(articles(page)) > 30
    assert lacking(page) == []


def test_every_article_of_the_act_that_the_law_data_names_has_a_row() -> None:
    named = [one.article for one in (*BASES.values(), *FINDINGS.values())] + [*ON_RECEIPT.values()]
    parts = [part for article in named for part in article.partition("R")[0].split(",")]
    named_there = {found[0] for part in parts if (found := _OF_ACT.search(part))}
    told = [
        row.article
        for row in articles(_VERDICTS.read_text("utf-8"))
        if row.article.startswith("Act")
    ]
    assert named_there - {number for one in told for number in _OF_ACT.findall(one)} == set()


def test_every_kind_of_request_is_shown_by_a_case_of_the_table() -> None:
    shown = {case for row in articles(_VERDICTS.read_text("utf-8")) for case in row.cases}
    asked = {one.id: one.given.get("request") for one in read_folder(OWN_FOLDER).running}
    assert {asked.get(one) for one in shown} >= set(KINDS)


def test_every_article_of_the_civil_code_that_the_law_data_names_has_a_row() -> None:
    files = [one for folder in ("law", "policies") for one in (ROOT / "ledger" / folder).rglob("*")]
    texts = [one.read_text("utf-8") for one in files if one.suffix == ".py"]
    named = {number for text in texts for one in _CIVIL.findall(text) for number in one.split(", ")}
    rows = [row.article for row in articles(_VERDICTS.read_text("utf-8"))]
    told = {number for one in rows if "Civil Code" in one for number in _OF_ACT.findall(one)}
    assert "142" in named
    assert named - told == set()


_INVENTORY = DOCS / "reference" / "cryptography.md"
ROOMS = ("api", "ledger", "projections", "emitter/src")
LIBRARIES = frozenset(
    (
        "authlib",
        "cryptography",
        "hashlib",
        "hmac",
        "joserfc",
        "jwt",
        "pyrage",
        "pyzipper",
        "random",
        "rfc3161_client",
        "secrets",
        "ssl",
    )
)
"""What hashes, seals, signs, verifies, speaks TLS or makes random values."""
_TABLE = re.compile(r"^\| .* \|$", re.MULTILINE)
_FILE = re.compile(r"`([\w/]+\.py)`")


def imported(path: Path) -> Iterator[str]:
    """First names of all modules that a file imports, wherever it does; `urandom` for its use."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Attribute) and node.attr == "urandom":
            yield "urandom"


@cache
def using() -> set[str]:
    """Every file of ours that uses cryptography itself, and not by another file of ours."""
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not (LIBRARIES | {"urandom"}).isdisjoint(imported(path))
    }


def files_listed() -> list[str]:
    """The files that stand in the tables of the page."""
    rows = _TABLE.findall(_INVENTORY.read_text("utf-8"))
    return [one for row in rows for one in _FILE.findall(row)]


def test_the_inventory_names_every_file_that_uses_cryptography() -> None:
    assert using() - set(files_listed()) == set()


def test_it_names_no_file_that_does_not() -> None:
    assert set(files_listed()) - using() == set()


PAGES = (
    DOCS / "reference" / "api.md",
    DOCS / "how-to" / "publish-a-procedure.md",
    DOCS / "how-to" / "import-a-file.md",
)
OF_A_PAGE = {"KNOWN"}
"""Of a form for the browser alone, which has its own words for it."""


def _codes(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Defect":
            continue
        code = node.args[1]
        if isinstance(code, ast.Constant):
            yield str(code.value)
        elif isinstance(code, ast.Name) and code.id.strip("_").isupper():
            module = ".".join(source.relative_to(ROOT).with_suffix("").parts)
            yield str(getattr(import_module(module), code.id))


@cache
def _used() -> set[str]:
    sources = [one for room in ("api", "ledger") for one in (ROOT / room).rglob("*.py")]
    return {code for one in sources for code in _codes(one)} - OF_A_PAGE


def test_every_code_of_a_defect_stands_on_a_page() -> None:
    told = "".join(page.read_text("utf-8") for page in PAGES)
    used = _used() | DEFECTS_JA.keys()
    assert len(used) > 100
    assert {code for code in used if f"`{code}`" not in told} == set()


def test_every_code_of_a_defect_is_told_in_japanese() -> None:
    assert _used() - DEFECTS_JA.keys() == set()


_LOG_PAGE = DOCS / "reference" / "operational-log.md"
_LOG_FIELDS = re.compile(r"^\| field \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)


def fields_listed() -> list[str]:
    found = _LOG_FIELDS.search(_LOG_PAGE.read_text("utf-8"))
    assert found is not None
    return [
        one for row in found[1].splitlines() for one in re.findall("`([a-z_]+)`", row.split("|")[1])
    ]


def test_the_page_lists_the_fields_of_a_line() -> None:
    # `frames` comes with an exception, not by whoever logs.
    assert sorted(fields_listed()) == sorted({*FIELDS, "frames"})


_RIGHTS_HEAD: Final = "| table | may change | may delete | what that does, and how it would show |"
_RIGHTS: Final = """
    SELECT c.relnamespace::regnamespace::text, c.relname,
           coalesce((SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute AS a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND has_column_privilege(%(role)s, c.oid, a.attnum, 'UPDATE')), '{}'),
           has_table_privilege(%(role)s, c.oid, 'DELETE')
      FROM pg_class AS c
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""

Right = tuple[str, str, bool]
"""Table, columns that may be updated, whether rows may be deleted."""


def told() -> dict[str, tuple[Right, str]]:
    text = (DOCS / "explanation" / "trust.md").read_text("utf-8")
    found: dict[str, tuple[Right, str]] = {}
    for row in text.partition(_RIGHTS_HEAD)[2].partition("\n\n")[0].strip().splitlines()[1:]:
        _, table, columns, deletes, words, _ = (cell.strip() for cell in row.split("|"))
        named = ", ".join(sorted(re.findall(r"`(\w+)`", columns)))
        assert deletes in ("yes", "no"), row
        found[table.strip("`")] = ((table.strip("`"), named, deletes == "yes"), words)
    return found


def test_every_right_to_change_or_delete_stands_in_the_table(shared_database: Database) -> None:
    with psycopg.connect(shared_database.urls.serving[WRITER]) as connection:
        rows = connection.execute(_RIGHTS, {"role": WRITER}).fetchall()
    rights = {
        (name if schema == "ledger" else f"{schema}.{name}", ", ".join(columns), deletes)
        for schema, name, columns, deletes in rows
        if columns or deletes
    }
    assert {right for right, _ in told().values()} == rights
