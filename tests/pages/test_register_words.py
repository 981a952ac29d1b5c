"""The pages of registers speak in the words of their own fields, not in keys of mapping files."""

import csv
import html
import io
import re
from pathlib import Path

import pytest

from api.resources.registers import errors, problems
from api.resources.registers.fields import FIELDS, CellKind
from api.resources.registers.forms import words
from api.resources.registers.forms.words import as_told, told_of
from api.resources.registers.problems import CellProblem
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import csv_bytes, new, uploaded

COMMAND_LINE = "対応表の key で"
"""What the command line would say."""
LATIN = re.compile(r"[A-Za-z_]{3,}")
KNOWN = frozenset(("Excel", "xlsx", "xlsm", "xls", "CSV", "UTF", "Shift_JIS", "REF", "API", "URL"))
"""Names of programs, formats and errors that people meet outside of the page, too."""
OF_EXCEL = frozenset(("Excelブック（.xlsx）", "CSV UTF-8"))
"""What Excel calls its own choices."""


def said(code: str, pointer: str = "/counterparty/address") -> str:
    return as_told(CellProblem(2, "住所", pointer, code, "施行規則第20条", COMMAND_LINE)).said


@pytest.fixture(scope="module")
def page(office: Office, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a register whose columns are to be mapped, as text."""
    folder = tmp_path_factory.mktemp("register")
    text = uploaded(office, "r.csv", csv_bytes(folder, new(1))).page()
    return html.unescape(re.sub("<[^>]+>", "\n", text))


def is_of_the_page(text: str, page: str) -> None:
    """Only words that people know, and labels as they stand on the page."""
    assert COMMAND_LINE not in text
    assert "対応表" not in text
    assert "--" not in text
    assert set(LATIN.findall(text)) <= KNOWN
    for label in re.findall("「([^」]*)」", text):
        called = label.replace("『", "「").replace("』", "」")
        assert called in OF_EXCEL or called in page.splitlines(), called


@pytest.mark.parametrize("code", [*problems.SAYINGS, "SCHEMA"])
def test_a_problem_of_a_row_is_told_in_the_words_of_the_page(code: str, page: str) -> None:
    is_of_the_page(said(code), page)
    is_of_the_page(told_of(code), page)


@pytest.mark.parametrize("code", errors.SAYINGS)
def test_a_register_that_cannot_be_read_is_told_in_the_words_of_the_page(
    code: str, page: str
) -> None:
    is_of_the_page(words.why_unreadable(code), page)


@pytest.mark.parametrize(
    "name",
    [name for name, one in FIELDS.items() if one.kind in (CellKind.CHOICE, CellKind.BOOLEAN)],
)
def test_what_may_be_chosen_is_told_in_words(name: str, page: str) -> None:
    text = said("SCHEMA", f"/{name.replace('.', '/')}")
    is_of_the_page(text, page)
    assert "値の対応" in text


def test_what_is_missing_is_named_with_its_article_and_what_to_do() -> None:
    text = said(problems.MISSING)
    assert "「相手方の住所」がありません（施行規則第20条）" in text
    assert "「空欄を『不明であることが確か』として記録する」" in text
    assert "不明" not in said(problems.MISSING, "/counterparty/name")


def test_a_day_that_cannot_be_read_is_told_so_on_the_page_and_in_its_file(
    office: Office, tmp_path: Path
) -> None:
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, new(2, 提供年月日="さくらの日")))
    assert one.mapped().status_code == 303
    expected = "「20240401 の形の日付を読む」を選んでください。"
    shown = words_of(one.ended())
    assert shown.count(expected) == 3  # of the kind once, of each row once
    assert "対応表" not in shown
    report = one.person.get(f"{one.path}/problems.csv").content.decode("utf-8-sig")
    told = [row["対応"] for row in csv.DictReader(io.StringIO(report))]
    assert [text.endswith(expected) for text in told] == [True, True]


def test_a_mapping_that_fits_nothing_is_told_by_the_labels_of_the_page(
    office: Office, tmp_path: Path, page: str
) -> None:
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, new(1)))
    answer = one.mapped(k_basis="nothing", source="https://a.example/" + "x" * 3_000)
    assert answer.status_code == 422
    [told] = re.findall(r'id="mapping-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    text = html.unescape(re.sub("<[^>]+>", "", told))
    assert "全ての行に共通の値" in text
    assert "送信元を表すURL" in text
    is_of_the_page(text, page)
