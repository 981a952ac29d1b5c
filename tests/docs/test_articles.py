"""The table of articles in `docs/reference/verdicts.md`: its places and its cases are there."""

import re
from typing import NamedTuple

from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS, ON_RECEIPT
from tests.acceptance.reading import OWN_FOLDER, read_folder
from tests.docs.markdown import DOCS, ROOT

_PAGE = DOCS / "reference" / "verdicts.md"
_SECTION = re.compile(r"^## Article by article\n(.*?)(?=^## )", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"`(\w+)` in `([\w/.]+)`")
_SPAN = re.compile(r"`([^`]+)`")
_OF_ACT = re.compile(r"\d+")


class Row(NamedTuple):
    """Which article decides what, in which places of the code, shown by which cases."""

    article: str
    places: list[tuple[str, str]]
    cases: list[str]


def rows(page: str) -> list[Row]:
    [section] = _SECTION.findall(page)
    table = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [Row(one[0], _PLACE.findall(one[2]), _SPAN.findall(one[3])) for one in cells]


def lacking(page: str) -> list[str]:
    """Rows without a place or a case, and places and cases that are not there."""
    folder = read_folder(OWN_FOLDER)
    cases = {case.id for case in (*folder.running, *folder.stories)}
    found: list[str] = []
    for row in rows(page):
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
    page = _PAGE.read_text("utf-8")
    assert len(rows(page)) > 30
    assert lacking(page) == []


def test_a_place_and_a_case_that_are_not_there_are_noticed() -> None:
    page = _PAGE.read_text("utf-8").replace("`consent_findings`", "`consent_judged`")
    page = page.replace("`V14` `V15`", "`V14` `V99`").replace("| `G05` `G06` |", "|  |")
    assert sorted(set(lacking(page))) == ["Act 39", "V99", "consent_judged"]


def test_every_request_of_the_published_policy_has_a_row() -> None:
    page = _PAGE.read_text("utf-8")
    told = {article for row in rows(page) for article in row.article.split(", ")}
    requests = {"Act 28(3)", "Act 32(2)", "Act 33(5)", "Act 34", "Act 35(1) to (7)", "Rule 18(3)"}
    assert requests - told == set()


def test_every_article_of_the_act_that_the_law_data_names_has_a_row() -> None:
    named = [one.article for one in (*BASES.values(), *FINDINGS.values())] + [*ON_RECEIPT.values()]
    parts = [part for article in named for part in article.partition("R")[0].split(",")]
    articles = {found[0] for part in parts if (found := _OF_ACT.search(part))}
    told = [row.article for row in rows(_PAGE.read_text("utf-8")) if row.article.startswith("Act")]
    assert articles - {number for one in told for number in _OF_ACT.findall(one)} == set()
