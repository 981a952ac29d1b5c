"""A file for a spreadsheet that a page hands out: no cell of it is a formula.

Attack: a text of a record runs as a formula in a file for a spreadsheet.
Held off by: a `'` before it.
"""

import csv
import io
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest

from api.server.bulk_committer import Committer
from ledger.errors import CorruptRecordError, NotFoundError
from tests.bulk.sending import Sender, people, sender, split
from tests.database import Database
from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.ledger.inside import Inside, inside
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.pages.registering import csv_bytes, head, new, uploaded
from tests.registers.writing import HEADINGS, csv_file

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


MAPPED: Final = {
    "提供年月日": "transferred_on",
    "提供先": "counterparty.name",
    "住所": "counterparty.address",
    "項目": "items",
}
"""Heading of the usual register that has a problem in the test → the field that it states."""


@pytest.mark.parametrize(
    "lead", ["=1+", "+", "-", "@", "＝", "＠", "\t=", "\r=", "\n=", " =", '="', '=1","=', "　+"]
)
def test_the_problems_of_a_register_are_no_formulas(
    office: Office, tmp_path: Path, lead: str
) -> None:
    """A heading is the one text of the file that its report repeats."""
    hostile = [f"{lead}{one}" if one in MAPPED else one for one in HEADINGS]
    bad = {"提供年月日": "さくらの日", "提供先": None, "住所": None, "項目": None}
    content = csv_file(tmp_path / "r.csv", [hostile, *new(1, **bad)]).read_bytes()
    one = uploaded(office, "r.csv", content)
    fields = {f"c{HEADINGS.index(name)}_field": field for name, field in MAPPED.items()}
    answer = one.mapped(**fields, **{f"c{HEADINGS.index('項目')}_separator": "、"})
    assert answer.status_code == 303, answer.text
    one.ended()
    report = one.person.get(f"{one.path}/problems.csv").content
    told = list(csv.DictReader(io.StringIO(report.decode("utf-8-sig"), newline="")))
    columns = {row["列"].removeprefix("'").strip() for row in told}
    # After @ stand the letters of a column, so a heading that begins so is named by its own.
    by_letter = {f"@{chr(ord('A') + HEADINGS.index(name))}" for name in MAPPED}
    by_heading = {f"{lead}{name}".strip() for name in MAPPED}
    assert columns == (by_letter if lead == "@" else by_heading), "each column is named"
    assert {len(row) for row in told} == {6}, "no quote ends a cell"
    assert safe(cells(report)), report


PERSONS: Final = people(30)


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def sending(house: Inside) -> Sender:
    return sender(house)


def accepted(house: Inside, sending: Sender) -> UUID:
    """A bulk transfer that was answered with 202."""
    one = sending.staged("b1", split(PERSONS, 10))
    assert sending.bulk.close(one.bulk, house.now).state == "committing"
    return one.bulk


def as_writer(house: Inside, statement: LiteralString, bulk: UUID) -> None:
    with psycopg.connect(house.database.urls.writer, autocommit=True) as connection:
        assert connection.execute(statement, {"bulk": bulk}).rowcount > 0


def is_found(house: Inside) -> bool:
    house.follow()
    return bool(house.page(str(PERSONS[0]["id"])).entries)


@pytest.mark.parametrize(
    "taken",
    [
        "DELETE FROM ledger.bulk_pieces WHERE bulk = %(bulk)s",
        "DELETE FROM ledger.bulk_parts WHERE bulk = %(bulk)s AND number = 2",
        (
            "UPDATE ledger.bulk_parts SET (upload, sealed) = (SELECT upload, sealed"
            " FROM ledger.bulk_parts WHERE bulk = %(bulk)s AND number = 1)"
            " WHERE bulk = %(bulk)s AND number = 2"
        ),
        "UPDATE ledger.bulk_parts SET sealed = '\\x00' WHERE bulk = %(bulk)s AND number = 2",
    ],
)
def test_what_is_not_whole_is_not_recorded_and_is_told(
    house: Inside, sending: Sender, caplog: pytest.LogCaptureFixture, taken: LiteralString
) -> None:
    """Attack: whoever has the login of the writer deletes the pieces, the parts or the row of a
    bulk transfer that was answered with 202, says that it was recorded or aborted, or puts
    other pieces in the place of those that were sent, so that a provision is missing or
    another one is recorded. Or they cut off the end of a register that somebody uploaded,
    which then is imported without it.
    Held off by: nothing is recorded but what was announced, by the hash of every part, sealed
    for its place; 202 does not say that anything is recorded. What was taken away is told: the
    committer's log and `ledger bulk list` name what is stuck, and whoever sent it and asks
    learns that it is unknown, aborted or not recorded, and sends it again. A register that
    somebody uploaded is as long as it was when it came in, which is sealed, or it is not
    imported. The taking itself is not held off.
    """
    bulk = accepted(house, sending)
    as_writer(house, taken, bulk)
    with caplog.at_level(logging.ERROR):
        Committer(sending.bulk, lambda: house.now).look()
    assert caplog.records, "nobody was told"
    assert not is_found(house)
    [(stuck, _)] = sending.bulk.committing(house.now)
    assert (stuck.bulk, sending.bulk.find(bulk, house.now).state) == (bulk, "committing")


def test_whoever_sent_it_learns_that_it_is_gone_and_sends_it_again(
    house: Inside, sending: Sender
) -> None:
    bulk = accepted(house, sending)
    as_writer(house, "DELETE FROM ledger.bulk_transfers WHERE bulk = %(bulk)s", bulk)
    with pytest.raises(NotFoundError):
        sending.bulk.find(bulk, house.now)
    assert not Committer(sending.bulk, lambda: house.now).look()
    assert not is_found(house)
    assert sending.sent("b1", PERSONS).outcome.status == "recorded"
    assert is_found(house)


@pytest.mark.parametrize(
    ("state", "said"),
    [("state = 'committed'", None), ("state = 'aborted', told = NULL", "aborted")],
)
def test_a_state_that_was_written_past_the_ledger_tells_of_no_record(
    house: Inside, sending: Sender, state: LiteralString, said: str | None
) -> None:
    bulk = accepted(house, sending)
    statement: LiteralString = "UPDATE ledger.bulk_transfers SET {} WHERE bulk = %(bulk)s"
    as_writer(house, statement.format(state), bulk)
    assert not is_found(house)
    found = sending.bulk.find(bulk, house.now)
    if said is not None:
        assert (found.state, sending.bulk.result(found)) == (said, None)
    else:
        with pytest.raises(CorruptRecordError):
            sending.bulk.result(found)


@pytest.mark.parametrize(
    "taken",
    [
        # Up to the end of some line: what is left reads well.
        "UPDATE ledger.registers SET bytes = %(bytes)s WHERE register = %(register)s",
        "DELETE FROM ledger.register_pieces WHERE register = %(register)s",
    ],
)
def test_a_register_of_which_some_is_taken_away_is_not_imported_as_far_as_it_goes(
    office: Office, tmp_path: Path, taken: LiteralString
) -> None:
    content = csv_bytes(tmp_path, new(3))
    one = uploaded(office, "r.csv", content)
    assert one.mapped().status_code == 303
    assert "問題はありません" in one.ended()
    before = head(office)
    with psycopg.connect(office.urls.writer, autocommit=True) as connection:
        register = UUID(one.path.rsplit("/", 1)[1])
        cut = content[:-1].rindex(b"\n") + 1
        done = connection.execute(taken, {"register": register, "bytes": cut})
        assert done.rowcount == 1
    one.post("import")
    assert "記録した" not in words_of(one.ended())
    assert head(office) == before
