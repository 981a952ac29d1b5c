"""`ledger replies again`: who doubts a reply makes it again, and compares it with what was sent."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from api.cli.replies import compared
from tests.canary import traces
from tests.database import Database
from tests.documents.scanning import codes_in
from tests.doors.cases.desk import Case, begun
from tests.doors.cases.test_files_of_cases import person
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import provision
from tests.serving.processes import on_outer, run


def sent(corridor: Corridor) -> Case:
    who = person()
    corridor.record(provision(principals=[{**who, "name": "神楽坂 金糸雀"}]))
    case = begun(corridor, identifiers=[who]).verified().identified(identifiers=[who])
    return case.do("decisions", {}).do("submit").approve().dispatch()


def test_a_reply_is_made_again_and_compared_and_nothing_of_it_is_printed(
    database: Database, tmp_path: Path
) -> None:
    with open_doors(database.urls) as corridor:
        # given
        case = sent(corridor)
        number = case.last["number"]
        position = case.read()["replies"][0]["position"]
        with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
            letter = files.read("reply.pdf")
        digest = hashlib.sha256(letter).hexdigest()

        # when
        code, printed = run("replies", "again", number, given=on_outer(database, SETTINGS))

        # then
        assert code == 0, printed
        lines = printed.splitlines()
        assert f"{digest}  reply.pdf  as it was sent" in lines
        assert "reply 1 is made again, byte for byte as it was sent" in lines
        assert not traces(printed)

        # when: the same, by its position, into a folder
        folder = tmp_path / "again"
        how = ("--position", str(position), "--output", str(folder))
        code, printed = run("replies", "again", number, *how, given=on_outer(database, SETTINGS))

        # then: it is as it was sent, for its owner alone, and on record
        assert code == 0, printed
        assert (folder / "reply.pdf").read_bytes() == letter
        assert (folder / "reply.pdf").stat().st_mode & 0o077 == 0
        assert folder.stat().st_mode & 0o077 == 0
        asked = f"/v1/accesses?case={number}"
        seen = corridor.ask("GET", asked, key=corridor.key("audit:read")).body["accesses"]
        assert (seen[-1]["what"], seen[-1]["reason"]) == ("reply_file", "inspection")

        # when, then: what does not exist, and what exists already
        for wrong in (
            ("again", "2026-999999"),
            ("again", number, "--reply", "2"),
            ("again", number, "--position", str(position + 1)),
            ("again", number, "--output", str(folder)),
        ):
            code, printed = run("replies", *wrong, given=on_outer(database, SETTINGS))
            assert code == 2, printed
        assert "there is something already" in printed


def test_a_reply_is_found_by_the_code_on_its_paper_and_matched_with_its_file(
    database: Database, tmp_path: Path
) -> None:
    with open_doors(database.urls) as corridor:
        # given
        case = sent(corridor)
        number, position = case.last["number"], case.read()["replies"][0]["position"]
        with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
            [(_, scanned)] = codes_in(files.read("reply.pdf"))
            file = tmp_path / "reply.json"
            file.write_bytes(files.read("records.json"))
        code = scanned.split()[1]
        given = on_outer(database, SETTINGS)

        # when: typed as people type
        ended, printed = run("replies", "find", code.lower().replace("-", " "), given=given)

        # then
        assert (ended, printed.strip()) == (
            0,
            f"case {number}, reply 1, sent at position {position}",
        )

        # when, then: nobody issued these
        for last, fits in (("P", True), ("Q", False)):
            other = f"M9GT-5BDS-WMSA-ZZQS-ZT6{last}"
            ended, printed = run("replies", "find", other, given=given)
            assert (ended, "does not fit" in printed) == (1, not fits)

    # when, then: no database is needed
    ended, printed = run("replies", "find", "M9GT", given={})
    assert (ended, "five groups of four" in printed) == (2, True)
    assert run("replies", "match", str(file), scanned, given={})[0] == 0
    file.write_bytes(file.read_bytes().replace("神楽坂".encode(), "神楽板".encode()))
    ended, printed = run("replies", "match", str(file), scanned, given={})
    assert ended == 1
    assert "is not the one that this file makes" in printed
    assert not traces(printed)


SENT = {"reply.pdf": b"letter", "reply.json": b"records"}


@pytest.mark.parametrize(
    ("made", "code", "told", "marked"),
    [
        (SENT, 0, "byte for byte", 0),
        ({**SENT, "reply.pdf": b"other"}, 1, "its records are as they were sent", 1),
        ({**SENT, "reply.json": b"other"}, 1, "is not what was sent", 1),
        ({"reply.json": b"records"}, 1, "its records are as they were sent", 1),
        ({**SENT, "method.pdf": b"more"}, 1, "its records are as they were sent", 1),
    ],
)
def test_every_document_that_differs_is_named(
    made: dict[str, bytes], code: int, told: str, marked: int
) -> None:
    lines, sentence, ended = compared(1, made, SENT)
    assert ended == code
    assert told in sentence
    assert sum("DIFFERS" in line for line in lines) == marked
