"""A file for a spreadsheet that a page hands out: no cell of it is a formula."""

import csv
import io
import zipfile
from typing import Final

from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.pages.casework import Work
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified

NAME: Final = "@SUM(1+1)"
FORMULA: Final = '=HYPERLINK("http://a.example","b")'
RUN: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cells(content: bytes) -> list[str]:
    """Every cell, as a spreadsheet reads them."""
    text = content.decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def safe(found: list[str]) -> bool:
    return not [one for one in found if one.lstrip().startswith(RUN)]


def test_the_records_of_a_reply_are_no_formulas(office: Office) -> None:
    who, work = member(), Work(office)
    of = [{**who, "name": NAME}]
    party = {**RECIPIENT, "name": FORMULA, "address": "+1", "representative": "-1"}
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
            assert safe(read), one
