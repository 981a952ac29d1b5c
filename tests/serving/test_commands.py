"""Commands as an operator runs them: retention, notices, replies, projections, headers."""

import csv
import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.cli.replies import compared
from api.container import Container
from api.contract import check
from api.server.secrets import secrets_of
from ledger.clock import day_in_japan
from ledger.commands import PlaceHold, RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.events import HoldPlaced
from ledger.log.log_root import log_root
from ledger.retention.journal_file import Journal
from ledger.values import PrincipalRef
from tests.canary import traces
from tests.database import LEDGER_NAME, Database
from tests.documents.scanning import codes_in
from tests.doors.cases.desk import Case, begun
from tests.doors.cases.test_files_of_cases import person
from tests.doors.corridor import SETTINGS as CORRIDOR
from tests.doors.corridor import Corridor, open_doors
from tests.doors.samples import notice
from tests.doors.samples import provision as sample
from tests.merkle.reference import mth
from tests.serving.houses import SETTINGS, SOURCE, follow, house_of, provision, record
from tests.serving.processes import environment, on_outer, run
from tests.serving.sealed_place import Place

# Long dead: the commands believe the clock of this machine.
RECORDED = datetime(2021, 4, 1, 3, 0, tzinfo=UTC)
DIES = "2024-04-02"
PERSON = "M-0042-7781"
REASON = "見本 太郎による訴訟の提起"
STANDSTILL = re.compile(
    r"ledger: nothing is planned or destroyed: the clock is \d{4} days ahead of the newest "
    r"event or plan; if the date is right, run `ledger retention plan --confirm-clock`"
)


@dataclass
class Desk:
    """Where an operator sits: a ledger that has stood still for years."""

    folder: Path
    given: dict[str, str]
    place: Place

    def run(self, *words: str, **changes: str) -> tuple[int, str]:
        given = environment(**{**self.given, **changes})
        code, printed = run("retention", *words, given=given)
        for unwanted in ("Traceback", PERSON, REASON):
            assert unwanted not in printed
        return code, printed

    def done(self, *words: str) -> str:
        code, printed = self.run(*words)
        assert code == 0, printed
        return printed

    def refused(self, *words: str, **changes: str) -> str:
        code, printed = self.run(*words, **changes)
        assert code == 1, printed
        return printed.splitlines()[-1]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    place = Place(tmp_path, database)
    given = {**place.given, "LEDGER_JOURNAL_DIR": str(tmp_path / "journal")}
    data = {**provision(), "transferred_on": "2021-04-01"}
    secrets = secrets_of(place.settings)
    with closing(Container(database.urls, LEDGER_NAME, secrets, lambda: RECORDED)) as house:
        ledger = house.ledger()
        checked = check(data, day_in_japan(RECORDED))
        command = RecordTransfer(random_uuid(), "0" * 16, SOURCE, "t-1", checked, 0)
        [outcome] = ledger.record([command], RECORDED)
        assert outcome.status == "recorded"
        who = (PrincipalRef("member", PERSON),)
        ledger.hold(PlaceHold(random_uuid(), "0" * 16, HoldPlaced(REASON, None, who)), RECORDED)
    return Desk(tmp_path, given, place)


def test_an_operator_looks_plans_destroys_and_certifies(desk: Desk) -> None:
    assert "there is no erasure journal" in desk.refused("expire", LEDGER_JOURNAL_DIR="")
    code, printed = desk.run("status")
    assert code == 1
    assert re.search(r"2024-04 +│ record +│ 1 +│ 1 ", printed)
    assert re.search(r"│ 2021-04-01 12:00 +│ persons ", printed)
    assert "1 holds stand" in printed
    assert "days ahead of the newest event or plan" in printed
    assert STANDSTILL.fullmatch(desk.refused("expire"))

    file = desk.folder / "preview.csv"
    assert "the plan would name 1 keys" in desk.done("plan", "--preview", "--csv", str(file))
    content = file.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["day"], row["class"], row["events"]) for row in rows] == [(DIES, "record", "1")]
    # Standard error, the table, comes in the same stream here.
    printed = desk.done("plan", "--preview", "--csv", "-").splitlines()
    lines = [line for line in printed if line.startswith((DIES, "\ufeffday"))]
    assert "\ufeff" + content == "".join(f"{line}\r\n" for line in lines)

    planned = desk.done("plan", "--confirm-clock")
    [plan] = re.findall(r"plan (\S{36}) at position 3", planned)
    assert re.search(r"held back in part by hold \S{36}", planned)
    assert "1 keys and 1 events are destroyed; 1 copies live on" in desk.done("expire")
    [key] = Journal(desk.folder / "journal", LEDGER_NAME).erased()
    assert rows[0]["key"] == key.hex()

    assert re.search(rf"{plan} .* │ 1 +│ 1 ", desk.done("status"))
    told: Any = json.loads(desk.done("certificate", plan))
    assert [one["keys"] for one in told["erasures"]] == [[key.hex()]]
    desk.done("certificate", plan, "--pdf", str(desk.folder / "certificate.pdf"))
    assert (desk.folder / "certificate.pdf").read_bytes().startswith(b"%PDF-1.7")


Publish = Callable[..., tuple[int, str]]
FIRST = notice(notice_id="ju-command")
USER = {"party_id": "group-hotel", "name": "例示ホテル株式会社"}
CHANGED = {
    **FIRST,
    "version": {
        **FIRST["version"],
        "version": "2026-04",
        "in_force_from": "2026-04-01",
        "published_on": "2026-04-01",
        "scope": [*FIRST["version"]["scope"], USER],
    },
}
NOT_ALLOWED = "/version/scope/2: not allowed, JU_CHANGE_NOT_ALLOWED (Act 27(5)(iii), 27(6))\n"
CONSENTED = "/version/scope/2: allowed, WITH_CONSENT (Act 27(5)(iii), 27(6))\n"


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return Place(tmp_path, database)


@pytest.fixture
def publish(place: Place, tmp_path: Path) -> Publish:
    """Write a body to a file and hand it to the command; (exit code, output)."""

    def published(body: object, *options: str) -> tuple[int, str]:
        file = tmp_path / "notice.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")
        code, told = run(
            "notices", "publish", str(file), *options, given=environment(**place.given)
        )
        assert "Traceback" not in told
        assert USER["name"] not in told
        return code, told

    return published


def versions(place: Place) -> int:
    """How many publications stand."""
    with closing(Container(place.database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        return sum(len(one.published) for one in house.ledger().notices())


def test_a_notice_is_published_and_a_change_that_is_not_allowed_only_when_it_is_meant(
    place: Place, publish: Publish
) -> None:
    first = "no change that Act 27(6) speaks of\n"
    assert publish(FIRST, "--check") == (0, first.strip())
    assert versions(place) == 0
    assert publish(FIRST) == (0, f"{first}published at position 1")
    assert publish(CHANGED, "--check") == (1, NOT_ALLOWED.strip())
    code, told = publish(CHANGED)
    assert (code, told.startswith(NOT_ALLOWED), "nothing was published" in told) == (1, True, True)
    consented = {**CHANGED, "stated": {"principals_consented": True}}
    assert publish(consented, "--check") == (0, CONSENTED.strip())
    assert versions(place) == 1
    told = f"{NOT_ALLOWED}published at position 2"
    assert publish(CHANGED, "--record-unlawful-changes") == (0, told)
    code, told = publish(CHANGED, "--record-unlawful-changes")
    assert (code, "ALREADY_STANDS" in told) == (2, True)
    assert versions(place) == 2


def sent(corridor: Corridor) -> Case:
    who = person()
    corridor.record(sample(principals=[{**who, "name": "神楽坂 金糸雀"}]))
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
        code, printed = run("replies", "again", number, given=on_outer(database, CORRIDOR))

        # then
        assert code == 0, printed
        lines = printed.splitlines()
        assert f"{digest}  reply.pdf  as it was sent" in lines
        assert "reply 1 is made again, byte for byte as it was sent" in lines
        assert not traces(printed)

        # when: the same, by its position, into a folder
        folder = tmp_path / "again"
        how = ("--position", str(position), "--output", str(folder))
        code, printed = run("replies", "again", number, *how, given=on_outer(database, CORRIDOR))

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
            code, printed = run("replies", *wrong, given=on_outer(database, CORRIDOR))
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
        given = on_outer(database, CORRIDOR)

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


@pytest.fixture
def given(database: Database) -> dict[str, str]:
    return on_outer(database, SETTINGS)


def test_verify_names_a_lost_and_a_planted_row_and_rebuild_repairs_both(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        follow(house)
    assert run("projections", "verify", given=given)[0] == 0
    planted = "00000000-0000-0000-0000-000000000001"
    with psycopg.connect(database.urls.projector) as connection:
        connection.execute("DELETE FROM projections.entries_a WHERE position = 2")
        connection.execute("INSERT INTO projections.entries_a VALUES (%s, 1)", (planted,))
    code, printed = run("projections", "verify", given=given)
    assert code == 1
    assert f"unexpected row in entries: {planted.replace('-', '')} at 1" in printed
    assert "missing row in entries: " in printed
    assert " at 2\n" in printed
    assert "3 differences" in printed
    assert run("projections", "rebuild", given=given)[0] == 0
    assert run("projections", "verify", given=given)[0] == 0


def test_verify_names_what_is_missing_left_or_standing_also_after_a_rebuild(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        follow(house)
    missing = "position 2: a sealed part is missing, and no records-expired lists its key"
    with psycopg.connect(database.urls.purger) as purger:
        purger.execute("DELETE FROM ledger.sealed_parts WHERE position = 2")
    code, printed = run("projections", "verify", given=given)
    assert code == 1
    assert printed.splitlines()[:1] == [missing]
    assert "1 faults in what is stored" in printed
    # The index is still compared with all the rest: nothing shows any more that its rows are right.
    assert printed.count("unexpected row in entries") == 2
    assert "2 differences up to position 3" in printed
    assert run("projections", "rebuild", given=given)[0] == 1
    # Without its key, too: only the log can say that it was destroyed.
    with psycopg.connect(database.urls.purger) as purger:
        purger.execute("DELETE FROM ledger.sealed_parts")
        purger.execute("DELETE FROM ledger.data_keys")
    assert run("projections", "rebuild", given=given)[0] == 0
    code, printed = run("projections", "verify", given=given)
    assert (code, printed.count("a sealed part is missing")) == (1, 3)
    assert missing in printed.splitlines()
    assert "0 differences up to position 3" in printed


def test_status_ends_with_an_error_while_the_read_side_is_far_behind(
    database: Database, given: dict[str, str]
) -> None:
    with house_of(database.urls) as house:
        record(house, "1")
        follow(house)
    code, printed = run("projections", "status", given=given)
    assert (code, "events behind" in printed) == (0, True)
    with psycopg.connect(database.urls.projector) as connection:
        connection.execute("UPDATE projections.progress SET position = 0 WHERE serving")
    late = {**given, "LEDGER_PROJECTION_LAG_S_MAX": "1"}
    time.sleep(1)
    assert run("projections", "status", given=late)[0] == 1
    assert run("migrate", given=given)[0] == 0


def test_the_root_of_the_log_follows_from_the_headers_alone(database: Database) -> None:
    given = on_outer(database, SETTINGS)
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        roots = {size: log_root(house.reader, size) for size in (2, 3)}
    for size, options in ((3, ()), (2, ("--size", "2"))):
        code, printed = run("headers", *options, given=given)
        lines = [line for line in printed.splitlines() if line.startswith('{"')]
        assert (code, len(lines)) == (0, size)
        # As the certificate's steps say, written anew.
        leaves = [sha256(b"ppl/event/1\0" + line.encode()).digest() for line in lines]
        assert mth(leaves) == roots[size]
    code, printed = run("headers", "--size", "4", given=given)
    assert code == 1
    assert "a position up to 4 is missing" in printed
