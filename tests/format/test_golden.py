"""The golden ledger, read by both readers, before and after one key dies."""

import json
from datetime import date
from typing import Any

import pytest

from ledger.crypto.epoch import unwrapped
from ledger.errors import CorruptRecordError
from ledger.format.decoder import open_event
from ledger.format.envelope import KeyRow, StoredFact
from ledger.format.header import event_hash, read_header
from ledger.format.types import TYPES
from tests.format.golden.make import files, identifiers
from tests.format.golden.shapes import types_data
from tests.format.golden_files import (
    GOLDEN,
    broken_store,
    faults_of_stores,
    golden,
    reader,
    store,
)
from tests.format.own_reader import facts_of, keys_of, opened
from tests.rounds import is_thorough

LEDGER = "golden"
REFUSED = Exception  # the decoder refuses with whatever goes wrong; it has no errors of its own


def headers(read: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(event["header"]) for event in read["events"]]


def test_the_golden_files_are_what_the_script_writes_today() -> None:
    for name, text in files().items():
        assert (GOLDEN / name).read_text("utf-8") == text, name


def test_the_list_of_types_is_the_one_in_the_golden_file() -> None:
    assert golden("types.json") == types_data()


def test_the_golden_ledger_holds_every_type() -> None:
    assert {event["type"] for event in golden("ledger.json")["events"]} == set(TYPES)


def test_the_independent_decoder_imports_nothing_of_ours_and_is_short() -> None:
    text = (GOLDEN.parent / "independent_decoder.py").read_text("utf-8")
    assert len(text.splitlines()) <= 200
    imported = {
        line.split()[1].split(".")[0]
        for line in text.splitlines()
        if line[:5] in ("from ", "impor")
    }
    assert imported == {
        "base64",
        "cryptography",
        "functools",
        "hashlib",
        "hmac",
        "json",
        "re",
        "typing",
    }


def test_everything_opens_and_proves_before_the_key_dies() -> None:
    before = store("before")
    found = reader().read_ledger(before)
    sealed = [n for n, event in enumerate(before["events"], 1) if "parts" in event]
    assert sorted(found) == sealed
    assert sum(len(content.get("lines", [])) for content in found.values()) == 23


def test_only_the_dead_parts_are_gone_after_the_key_died() -> None:
    dead = golden("ledger.json")["stores"]["after"]["dead"]
    before, after = reader().read_ledger(store("before")), reader().read_ledger(store("after"))
    gone = {
        n
        for n, header in enumerate(headers(store("before")), 1)
        if header.get("sealed", {}).get("key") in dead
    }
    assert gone == {2, 7}
    assert {n: before[n] for n in before.keys() - gone} == after


def test_lines_carried_forward_open_from_their_copies_after_the_key_died() -> None:
    before, after = reader().read_ledger(store("before")), reader().read_ledger(store("after"))
    copies: dict[int, int] = {}
    for n, text in enumerate(headers(store("after")), 1):
        if "copies" in text:
            copies.setdefault(text["copies"]["position"], n)
    assert after[copies[2]]["lines"] == {1: before[2]["lines"][1]}
    assert after[copies[2]]["statement"] == before[2]["statement"]
    assert after[copies[7]]["lines"] == before[7]["lines"]


@pytest.mark.parametrize("name", golden("ledger.json")["showings"])
def test_every_showing_verifies(name: str) -> None:
    reader().read_showing(golden("ledger.json")["showings"][name])


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize("verify", [True, False])
def test_our_own_reader_gives_what_the_independent_one_gives(name: str, *, verify: bool) -> None:
    independent = reader().read_ledger(store(name))
    for event in opened(store(name), LEDGER, verify=verify):
        assert (event.content is not None) == (event.position in independent)
        if event.content is None:
            continue
        other: dict[str, Any] = independent[event.position]
        assert event.content.record == other.get("record")
        lines: dict[int, Any] = other.get("lines") or {}
        assert [json.loads(line) for line in event.content.lines] == list(lines.values())
        if event.content.statement is not None:
            assert json.loads(event.content.statement) == other["statement"]
        else:
            assert "statement" not in other


def test_identifiers_are_the_golden_ones() -> None:
    assert identifiers() == golden("ledger.json")["identifiers"]


def test_a_wrapped_key_opens_for_its_own_class_and_day_only() -> None:
    ledger = golden("ledger.json")
    master = bytes.fromhex(ledger["master"])
    for row in ledger["keys"]:
        day = date.fromisoformat(row["day"]) if row["day"] else None
        key_id, text = bytes.fromhex(row["id"]), bytes.fromhex(row["wrapped"])
        good = KeyRow(key_id, row["class"], day, None, "e", text)
        assert unwrapped(good, LEDGER, master).secret.hex() == row["secret"]
        other = "held" if row["class"] == "case" else "case"
        for bad in (
            KeyRow(key_id, other, day, None, "e", text),
            KeyRow(key_id, row["class"], date(2099, 1, 1), None, "e", text),
            KeyRow(bytes(32), row["class"], day, None, "e", text),
        ):
            with pytest.raises(CorruptRecordError):
                unwrapped(bad, LEDGER, master)


@pytest.mark.parametrize(("number", "desc"), faults_of_stores())
def test_every_broken_ledger_is_refused(number: int, desc: str) -> None:
    fault = broken_store(number)
    with pytest.raises(REFUSED):
        reader().read_ledger(fault)
    if fault["codec"]:
        with pytest.raises(CorruptRecordError):
            opened(fault, LEDGER)
    assert desc == fault["desc"]


def test_the_broken_ledgers_have_nothing_else_wrong() -> None:
    """Where only what is there or not is at fault, each event by itself is read."""
    holes = [number for number, desc in faults_of_stores() if desc.startswith(("store", "bulk"))]
    assert len(holes) > 7
    for number in holes:
        opened(broken_store(number), LEDGER)


@pytest.mark.parametrize(
    "fault", golden("broken.json")["showings"], ids=lambda fault: fault["desc"]
)
def test_every_broken_showing_is_refused(fault: dict[str, str]) -> None:
    with pytest.raises(REFUSED):
        reader().read_showing(fault["showing"])


@pytest.mark.parametrize("name", ["a bulk line"])
def test_no_bit_of_a_showing_can_be_flipped(name: str) -> None:
    text = golden("ledger.json")["showings"][name].encode()
    read = reader()
    # Each byte, a different bit of each; a thorough run tries every bit.
    for at in range(0, len(text) * 8, 1 if is_thorough() else 7):
        bent = bytearray(text)
        bent[at // 8] ^= 1 << at % 8
        with pytest.raises(REFUSED):
            read.read_showing(bytes(bent).decode())


def test_no_byte_of_a_stored_event_can_be_changed() -> None:
    before = store("before")
    keys, changed_headers = keys_of(before), 0
    for fact in facts_of(before):
        golden_hash = golden("ledger.json")["events"][fact.position - 1]["values"]["event_hash"]
        for place in range(0, len(fact.header), 3):
            bent = bytearray(fact.header)
            bent[place] ^= 0x20
            assert event_hash(bytes(bent)).hex() != golden_hash
            changed_headers += 1
        for place in range(0, len(fact.sealed or b""), 97):
            bent = bytearray(fact.sealed or b"")
            bent[place] ^= 1
            changed = StoredFact(
                fact.position, fact.stream, fact.version, fact.type, fact.header, bytes(bent)
            )
            for verify in (True, False):
                with pytest.raises(CorruptRecordError):
                    open_event(
                        changed, keys, LEDGER, verify=verify, header=read_header(fact.header)
                    )
    assert changed_headers > 1_000
