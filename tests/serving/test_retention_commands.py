"""`ledger retention …` as processes: what an operator sees, and what is refused in a sentence."""

import csv
import io
import json
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.container import Container
from api.contract import check
from api.server.secrets import secrets_of
from ledger.clock import day_in_japan
from ledger.commands import PlaceHold, RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.retention.journal_file import Journal
from ledger.values import PrincipalRef
from tests.database import LEDGER_NAME, Database
from tests.matrix import every
from tests.serving.houses import SOURCE, house_of, provision, record
from tests.serving.processes import environment, run
from tests.serving.sealed_place import Place

# Long dead: the commands believe the clock of this machine.
RECORDED = datetime(2021, 4, 1, 3, 0, tzinfo=UTC)
DIES = "2024-04-02"
PERSON = "M-0042-7781"
REASON = "見本 太郎による訴訟の提起"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
STANDSTILL = re.compile(
    r"ledger: nothing is planned or destroyed: the clock is \d{4} days ahead of the newest "
    r"event or plan; if the date is right, run `ledger retention plan --confirm-clock`"
)
WRONG = (
    "LEDGER_RETENTION_WINDOW_DAYS: expected a number from 0 to 14; "
    "LEDGER_RETENTION_EXPIRES: expected true or false"
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
        ledger.hold(PlaceHold(random_uuid(), "0" * 16, REASON, None, who), RECORDED)
    return Desk(tmp_path, given, place)


def test_an_operator_looks_plans_destroys_and_certifies(desk: Desk) -> None:
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


def test_what_no_plan_names_is_not_destroyed_and_the_operator_learns_what_to_do(
    desk: Desk,
) -> None:
    # Something was recorded today: the clock is believed, and nobody made a plan.
    with house_of(desk.place.database.urls, desk.place.settings) as house:
        record(house, "t-2")
    said = "ledger: 1 keys are due, and no plan names any of them: plan first"
    assert desk.refused("expire") == said
    desk.done("plan")
    assert "1 keys and 1 events are destroyed" in desk.done("expire")


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "a plan that is not there": (
        ("certificate", UNKNOWN),
        {},
        "ledger: there is no plan with this id",
    ),
    "a folder that is not there": (
        ("plan", "--preview", "--csv", "/nowhere/preview.csv"),
        {},
        "ledger: the file cannot be written: No such file or directory",
    ),
    "nobody said where the journal is": (
        ("expire",),
        {"LEDGER_JOURNAL_DIR": ""},
        "ledger: there is no erasure journal, so nothing is destroyed: see LEDGER_JOURNAL_DIR",
    ),
    "settings that are none": (
        ("status",),
        {"LEDGER_RETENTION_WINDOW_DAYS": "15", "LEDGER_RETENTION_EXPIRES": "maybe"},
        f"ledger: {WRONG}",
    ),
}


@every("what", REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(desk: Desk, what: str) -> None:
    words, changes, sentence = REFUSED[what]
    assert desk.refused(*words, **changes) == sentence
