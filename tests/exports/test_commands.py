"""`ledger export` and `ledger verify`, as an operator and a stranger run them."""

import json
import zipfile
from pathlib import Path

import psycopg
import pytest

from ledger.exports import verify
from ledger.format.events import ExportProduced
from ledger.format.header import read_header
from tests.database import Database
from tests.exports.world import alone, checked
from tests.serving.houses import SETTINGS, house_of, record
from tests.serving.processes import environment, on_outer, run

ORIGIN = "ledger.example.jp/exporting"


@pytest.fixture
def given(database: Database) -> dict[str, str]:
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
    return on_outer(database, SETTINGS)


@pytest.fixture
def signed(given: dict[str, str], tmp_path: Path) -> tuple[dict[str, str], str]:
    """The environment of a ledger whose log is signed, and its public key."""
    file = tmp_path / "log.key"
    code, printed = run("log", "key", ORIGIN, str(file), given=given)
    assert code == 0
    more = {
        "LEDGER_LOG_ORIGIN": ORIGIN,
        "LEDGER_LOG_KEY_FILE": str(file),
        "LEDGER_LOG_DIR": str(tmp_path / "tiles"),
        "LEDGER_LOG_ANCHOR": str(tmp_path / "anchor"),
    }
    [key] = [line for line in printed.splitlines() if line.startswith(f"{ORIGIN}+")]
    return given | more, key


def test_a_signed_bag_is_exported_put_on_record_and_verified(
    signed: tuple[dict[str, str], str], database: Database, tmp_path: Path
) -> None:
    environment_, key = signed
    bag = tmp_path / "bag.zip"
    code, printed = run("export", "--to", str(bag), given=environment_)
    assert (code, "no checkpoint is published yet" in printed) == (1, True), printed
    assert not bag.exists()
    assert run("log", "begin", given=environment_)[0] == 0
    code, printed = run("export", "--to", str(bag), given=environment_)
    assert (code, "3 records, as of position 3" in printed) == (0, True), printed
    code, printed = run("verify", str(bag), "--key", key, given=environment())
    assert (code, "all good" in printed) == (0, True), printed
    assert alone(bag, "--key", key)[0] == 0
    then = ("--checkpoint", str(bag), "--checkpoint-key", key)
    code, printed = run("verify", str(bag), *then, given=environment())
    assert (code, "begins with the earlier 3" in printed) == (verify.CONSISTENT, True), printed
    code, printed = run("export", "--to", str(bag), given=environment_)
    assert (code, "something already" in printed) == (1, True), printed
    with house_of(database.urls) as house:
        [stored] = house.reads.facts_of_topics((ExportProduced.TYPE,), 0)
        [fact] = house.streams.facts([stored.stream], None)[stored.stream]
    event = fact.event
    assert isinstance(event, ExportProduced)
    assert (event.as_of, event.records, event.asked) == (3, 3, {})
    assert read_header(stored.header).facts == {"as_of": 3}
    with zipfile.ZipFile(bag) as archive:
        info = archive.read("bag/bag-info.txt").decode()
    assert f"External-Identifier: {stored.stream}" in info
    with verify.Bag(str(bag)).open(verify.TAGMANIFEST) as file:
        assert verify.sha(file.read()) == event.digest


def test_a_bag_of_a_ledger_that_is_not_signed_says_so(
    given: dict[str, str], tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    code, printed = run("export", "--to", str(bag), given=given)
    assert (code, "not signed" in printed) == (0, True), printed
    assert checked(bag)[0] == verify.CONSISTENT
    assert json.loads((bag / "data/filters.json").read_text())["signed"] is False
    versions = json.loads((bag / "data/versions.json").read_text())
    assert versions["judged_under"]
    assert all(len(digest) == 64 for digest in versions["templates"].values())
    assert "letter.typ" in versions["templates"]


def test_a_damaged_record_ends_the_export_with_its_position_and_what_to_run(
    given: dict[str, str], database: Database, tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    with psycopg.connect(database.admin) as connection:
        for table in ("sealed_parts", "sealed_parts_0"):
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE ledger.sealed_parts SET part = set_byte(part, 40, get_byte(part, 40) # 1)"
            " WHERE position = 2"
        )
    code, printed = run("export", "--to", str(bag), given=given)
    said = [line for line in printed.splitlines() if line.startswith("ledger: ")]
    assert (code, said) == (
        1,
        ["ledger: position 2: the sealed part does not open under its key: run `ledger fsck`"],
    ), printed
    assert "Traceback" not in printed
    assert not bag.exists()
    assert not list(tmp_path.glob(".export-*"))


def test_filters_are_read_and_refused_in_words(given: dict[str, str], tmp_path: Path) -> None:
    bag, person = tmp_path / "bag", tmp_path / "person"
    code, printed = run("export", "--to", str(bag), "--basis", "consent", given=given)
    assert (code, "/bases/0: there is no such code" in printed) == (1, True), printed
    code, printed = run("export", "--to", str(bag), "--from", "yesterday", given=given)
    assert (code, "--from is no day" in printed) == (2, True), printed
    person.write_text("member:M-0042-7781\n")
    asked = ("--person", str(person), "--case", "2026-1", "--reason", "報告の求め")
    code, printed = run("export", "--to", str(bag), *asked, given=given)
    assert (code, "3 records" in printed) == (0, True), printed
    assert b"M-0042-7781" not in b"".join(
        one.read_bytes() for one in bag.rglob("*") if one.is_file()
    )
    other = tmp_path / "other"
    person.write_text("member:M-0000\n")
    code, printed = run("export", "--to", str(other), *asked, given=given)
    assert (code, "0 records" in printed) == (0, True), printed
    assert checked(other)[0] == verify.CONSISTENT
    assert not list(tmp_path.glob(".export-*"))


def test_a_broken_bag_ends_the_command_with_its_code(given: dict[str, str], tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    assert run("export", "--to", str(bag), given=given)[0] == 0
    table = bag / "data/records.csv"
    table.write_bytes(table.read_bytes().replace(b"1", b"2", 1))
    code, printed = run("verify", str(bag), given=environment())
    assert (code, "内容が書き換えられています" in printed) == (verify.HASH, True), printed
