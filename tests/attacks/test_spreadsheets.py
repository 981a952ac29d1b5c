"""A file for a spreadsheet that a page hands out: no cell of it is a formula.

Attack: a text of a record runs as a formula in a file for a spreadsheet.
Held off by: a `'` before it where a cell begins, at whatever separator the file is split: a comma,
`;`, a tab, `|` or the end of a line (0116). Who splits it at another character, at spaces say, has
cells that begin within a text.
"""

import csv
import io
import zipfile
from random import sample
from typing import Final

import pytest

from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.ledger.spreadsheets import FORMULAS, cells_of, unguarded
from tests.matrix import every
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.pages.registering import new, uploaded
from tests.registers.writing import HEADINGS, csv_file
from tests.rounds import rounds

NAME: Final = "@SUM(1+1)"
FORMULA: Final = '=HYPERLINK("http://a.example","b")'


def cells(content: bytes) -> list[str]:
    """Every cell, as spreadsheets read them."""
    return list(cells_of(content.decode("utf-8-sig")))


def safe(found: list[str]) -> bool:
    return not [one for one in found if one.lstrip().startswith(FORMULAS)]


def test_the_records_of_a_reply_are_no_formulas(office: Office) -> None:
    who, work = member(), Work(office)
    of = [{**who, "name": NAME}]
    party = {**RECIPIENT, "name": FORMULA, "address": f"東京;{FORMULA}", "representative": "-1|+1"}
    sent(
        office,
        provision(principals=of, counterparty=party, items=["@a"], consent={"obtained": False}),
        receipt(principals=of, counterparty=party, acquisition=FORMULA),
    )
    found = {"identifiers": [who], "tried": [ABSENT], "evidence": "一致"}
    case = verified(work, who, name=NAME, medium="electronic").do("principal", found)
    case.do("decisions", {"medium": "electronic"}).do("submit").do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    answer = office.person("officer").get(f"/desk/cases/{case.id}/keeping/reply.zip?reply=1")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        named = [one for one in folder.namelist() if one.endswith(".csv")]
        assert named
        for one in named:
            read = cells(folder.read(one))
            assert f"'{FORMULA}" in read
            assert f"東京;'{FORMULA}" in read
            assert safe(read), one


MAPPED: Final = {
    "提供年月日": "transferred_on",
    "提供先": "counterparty.name",
    "住所": "counterparty.address",
    "項目": "items",
}
"""Heading of the usual register that has a problem in the test → the field that it states."""


LEADS: Final = (
    *("=1+", "+", "-", "@", "＝", "＠", "\t=", "\r=", "\n=", " =", '="', '=1","=', "　+"),
    *("a;=", "a,+", 'a|"=', 'a";"=', "a;|-", "'="),
)


@every("lead", sample(LEADS, rounds(len(LEADS))), called=ascii)
def test_the_problems_of_a_register_are_no_formulas(
    office: Office, tmp_path_factory: pytest.TempPathFactory, lead: str
) -> None:
    """A heading is the one text of the file that its report repeats."""
    hostile = [f"{lead}{one}" if one in MAPPED else one for one in HEADINGS]
    bad = {"提供年月日": "さくらの日", "提供先": None, "住所": None, "項目": None}
    content = csv_file(
        tmp_path_factory.mktemp("r") / "r.csv", [hostile, *new(1, **bad)]
    ).read_bytes()
    one = uploaded(office, "r.csv", content)
    fields = {f"c{HEADINGS.index(name)}_field": field for name, field in MAPPED.items()}
    answer = one.mapped(**fields, **{f"c{HEADINGS.index('項目')}_separator": "、"})
    assert answer.status_code == 303, answer.text
    one.ended()
    report = one.person.get(f"{one.path}/problems.csv").content
    told = list(csv.DictReader(io.StringIO(report.decode("utf-8-sig"), newline="")))
    columns = {unguarded(row["列"]).strip() for row in told}
    # After @ stand the letters of a column, so a heading that begins so is named by its own.
    by_letter = {f"@{chr(ord('A') + HEADINGS.index(name))}" for name in MAPPED}
    by_heading = {f"{lead}{name}".strip() for name in MAPPED}
    assert columns == (by_letter if lead == "@" else by_heading), "each column is named"
    assert {len(row) for row in told} == {6}, "no quote ends a cell"
    assert safe(cells(report)), report
