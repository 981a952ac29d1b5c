"""Rows of exports, registers and drafts that somebody spoilt who writes to the database.

Attack: whoever has the login of the writer puts any bytes where something stands sealed, or adds a
row under a key of theirs that does not open, or garbles what stands in clear beside it, so that
nobody's export is made any more, and no list
or form that the row belongs to is shown.

Held off by: rows are opened one by one. What does not open is as if it were not there, and the log
names its id; an export so spoilt counts as failed and is in no list (`opened_rows`). The taking
itself is not held off: whoever asked, uploaded or typed does it again.
"""

import logging
import os
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest

from tests.database import Database
from tests.doors.corridor import Corridor, open_doors
from tests.doors.exporting import PATH, WHY, asked, auditor, make_all, state
from tests.doors.samples import provision
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import csv_bytes, new, uploaded

PLANT_KEY: Final[LiteralString] = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, mac)
    SELECT %(key)s, key_class, max(day) + 1, owner, {epoch}, %(wrapped)s, %(key)s
      FROM ledger.data_keys WHERE key_class = 'staging' GROUP BY key_class, owner
"""
PLANT_EXPORT: Final[LiteralString] = """
    INSERT INTO ledger.exports (export, command, actor, asked_at, changed_at, state, key_id, told)
    SELECT gen_random_uuid(), gen_random_uuid(), actor, asked_at, asked_at, 'waiting', %(key)s,
           %(bytes)s FROM ledger.exports LIMIT 1
"""


def as_writer(urls_writer: str, statement: LiteralString, **values: object) -> None:
    """Write as the login of the writer can."""
    with psycopg.connect(urls_writer, autocommit=True) as connection:
        done = connection.execute(statement, {"bytes": os.urandom(300), **values})
        assert done.rowcount > 0


def listed(corridor: Corridor, limit: int = 50) -> list[str]:
    """The exports of all pages of the list."""
    found: list[str] = []
    cursor: object = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        path = f"{PATH}?limit={limit}{more}"
        answer = corridor.ask("GET", path, key=auditor(corridor))
        assert answer.status == 200, answer.text
        found += [one["export"] for one in answer.body["exports"]]
        cursor = answer.body["cursor"]
    return found


def test_a_spoilt_export_keeps_no_other_from_being_made_or_listed(
    corridor: Corridor, caplog: pytest.LogCaptureFixture
) -> None:
    corridor.record(provision())
    make_all(corridor)
    exports = [asked(corridor, case=f"D-{n}", reason=WHY)["export"] for n in range(5)]
    spoilt, others = [exports[0], exports[2]], [exports[1], exports[3], exports[4]]
    as_writer(
        corridor.urls.writer,
        "UPDATE ledger.exports SET told = %(bytes)s WHERE export = ANY(%(exports)s::uuid[])",
        exports=spoilt,
    )
    with caplog.at_level(logging.ERROR):
        assert make_all(corridor) == len(others)
    told = [vars(one)["row"] for one in caplog.records if one.message == "a row does not open"]
    assert sorted(told) == sorted(spoilt), "each is named once"
    assert [state(corridor, one)["state"] for one in others] == ["ready"] * len(others)
    assert listed(corridor, limit=1) == listed(corridor)
    assert set(exports) & set(listed(corridor)) == set(others)
    for one in spoilt:
        for path in (f"{PATH}/{one}", f"{PATH}/{one}/bag"):
            assert corridor.ask("GET", path, key=auditor(corridor)).status == 404
    # Whoever asked for it asks again.
    again = asked(corridor, case="D-0", reason=WHY)["export"]
    assert make_all(corridor) == 1
    assert state(corridor, again)["state"] == "ready"


@pytest.mark.parametrize("epoch", ["min(epoch)", "'zz'"])
def test_an_export_under_a_planted_key_keeps_no_other_from_being_made(
    database: Database, epoch: LiteralString
) -> None:
    with open_doors(database.urls) as corridor:
        corridor.record(provision())
        one, key = asked(corridor, case="D-9", reason=WHY)["export"], os.urandom(32)
        plant = PLANT_KEY.format(epoch=epoch)
        as_writer(corridor.urls.writer, plant, key=key, wrapped=os.urandom(60))
        as_writer(corridor.urls.writer, PLANT_EXPORT, key=key)
        assert make_all(corridor) == 1
        assert listed(corridor) == [one]
        assert state(corridor, one)["state"] == "ready"


def test_a_spoilt_register_keeps_no_other_from_being_listed(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt = uploaded(office, "spoilt.csv", csv_bytes(tmp_path, new(3)))
    other = uploaded(office, "other.csv", csv_bytes(tmp_path, new(3)))
    register = spoilt.path.rsplit("/", 1)[1]
    as_writer(
        office.urls.writer,
        "UPDATE ledger.registers SET told = %(bytes)s WHERE register = %(register)s",
        register=register,
    )
    keeper = office.signed_in("keeper")
    with caplog.at_level(logging.ERROR):
        shown = keeper.get("/desk/registers")
    assert shown.status_code == 200
    assert register in [vars(one).get("row") for one in caplog.records]
    assert register in words_of(shown.text)
    assert "封をした内容が書き換えられています。" in words_of(shown.text)
    assert "spoilt.csv" not in words_of(shown.text)
    assert "other.csv" in words_of(shown.text)
    assert keeper.get(spoilt.path).status_code == 404
    assert keeper.get(other.path).status_code == 200


GARBLE: Final[LiteralString] = "UPDATE ledger.registers SET {change} WHERE register = %(register)s"
GARBLED: Final[tuple[tuple[LiteralString, str], ...]] = (
    ("state = 'mystery'", "状態"),
    ("counts = 'no JSON'", "件数"),
    ("counts = '[]'", "件数"),
    ("""counts = '{"problems": 1}'""", "件数"),
    ("""counts = '{"problems": {"SCHEMA": "many"}}'""", "件数"),
    ("""counts = '{"problems": {"\\ud800": 1}}'""", "件数"),
    ("counts = repeat('[', 60000)", "件数"),
    ("counts = repeat('9', 60000)", "件数"),
    ("error = 'no JSON'", "読取の結果"),
    ("error = '[]'", "読取の結果"),
    ("error = '[1, 2]'", "読取の結果"),
    ("""error = '"AB"'""", "読取の結果"),
)
"""What the login of the writer can put into a column that stands in clear."""


def test_a_register_of_which_a_column_in_clear_was_garbled_is_named_and_keeps_no_other(
    office: Office, tmp_path: Path
) -> None:
    spoilt = uploaded(office, "spoilt.csv", csv_bytes(tmp_path, new(3)))
    other = uploaded(office, "other.csv", csv_bytes(tmp_path, new(3)))
    register = spoilt.path.rsplit("/", 1)[1]
    keeper = office.signed_in("keeper")
    before: LiteralString = (
        "UPDATE ledger.registers SET state = 'uploaded', counts = '{}', error = NULL"
        " WHERE register = %(register)s"
    )
    wrong: list[str] = []
    for change, word in GARBLED:
        as_writer(office.urls.writer, before, register=register)
        statement = GARBLE.format(change=change)
        as_writer(office.urls.writer, statement, register=register)
        shown = keeper.get("/desk/registers")
        said = words_of(shown.text)
        is_named = f"{register} {word}が書き換えられています。" in " ".join(said.split())
        statuses = (shown.status_code, keeper.get(spoilt.path).status_code)
        others = keeper.get(other.path).status_code
        if statuses != (200, 404) or others != 200 or not is_named or "other.csv" not in said:
            wrong.append(f"{change[:60]}: {statuses}, {others}")
    assert wrong == []


def test_a_spoilt_draft_is_none(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    officer = office.signed_in("officer")
    officer.post("/desk/new/draft", {"name": "下書 花子"})
    assert "下書 花子" in officer.get("/desk/new").text
    as_writer(office.urls.writer, "UPDATE ledger.form_drafts SET sealed = %(bytes)s")
    with caplog.at_level(logging.ERROR):
        shown = officer.get("/desk/new")
    assert shown.status_code == 200
    assert "下書 花子" not in shown.text
    assert "a draft does not open" in [one.message for one in caplog.records]
    officer.post("/desk/new/draft", {"name": "追記 花子"})
    assert "追記 花子" in officer.get("/desk/new").text
