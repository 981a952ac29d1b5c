"""The golden ledger, read by both readers, before and after one key dies."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.crypto import epoch
from ledger.errors import CorruptRecordError
from ledger.exclusions.stored_events import exclusion_parts_of
from ledger.format.decoder import open_event
from ledger.format.envelope import KeyRow, OpenEvent, StoredFact
from ledger.format.event_reader import fact_of
from ledger.format.events import ExcludedRange, ExclusionAct, ExclusionsSealed, ReviewSealed
from ledger.format.header import event_hash, instant_text, read_header
from ledger.format.types import TYPES
from tests.format.golden.make import files, identifiers
from tests.format.golden.shapes import types_data
from tests.format.golden_files import (
    GOLDEN,
    broken_store,
    facts_of,
    faults_of_stores,
    golden,
    keys_of,
    opened,
    reader,
    store,
)
from tests.matrix import every
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


@every("name", golden("ledger.json")["showings"])
def test_every_showing_verifies(name: str) -> None:
    reader().read_showing(golden("ledger.json")["showings"][name])


@every("name", ["before", "after"])
@every("verify", [True, False])
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
    masters = epoch.FixedMasters({"e": bytes.fromhex(ledger["master"])})
    for row in ledger["keys"]:
        day = date.fromisoformat(row["day"]) if row["day"] else None
        key_id, text = bytes.fromhex(row["id"]), bytes.fromhex(row["wrapped"])
        good = KeyRow(key_id, row["class"], day, None, "e", text)
        assert epoch.opened(good, LEDGER, masters).secret.hex() == row["secret"]
        other = "held" if row["class"] == "case" else "case"
        for bad in (
            KeyRow(key_id, other, day, None, "e", text),
            KeyRow(key_id, row["class"], date(2099, 1, 1), None, "e", text),
            KeyRow(bytes(32), row["class"], day, None, "e", text),
        ):
            with pytest.raises(CorruptRecordError):
                epoch.opened(bad, LEDGER, masters)


@every("number, desc", faults_of_stores())
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


@every("fault", golden("broken.json")["showings"])
def test_every_broken_showing_is_refused(fault: dict[str, str]) -> None:
    with pytest.raises(REFUSED):
        reader().read_showing(fault["showing"])


@every("name", ["a bulk line"])
def test_no_bit_of_a_showing_can_be_flipped(name: str) -> None:
    text = golden("ledger.json")["showings"][name].encode()
    read = reader()
    # A thorough run tries every bit.
    for at in range(0, len(text) * 8, 1 if is_thorough() else 15):
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


# -- both versions of what is excluded under Order 11, read by both readers ------------------------

FILE = golden("exclusions.json")
NAMES: list[str] = FILE["names"]
LISTS = ("excluded", "lifted", "unmarked", "pending")


def own(name: str) -> OpenEvent:
    return opened(FILE["store"], "golden")[NAMES.index(name)]


def independent(name: str) -> dict[str, Any]:
    return reader().read_ledger(FILE["store"])[NAMES.index(name) + 1]["record"]


def hidden(record: dict[str, Any], what: str) -> Iterator[tuple[int, str, str, int | None]]:
    """(position, ground, for whom, act), by the words of the format alone."""
    for first, last, ground, *rest in record.get(what, []):
        whom, *act = rest if record.get("v") == 2 else ("", *rest)
        for position in range(first, last + 1):
            yield position, ground, whom, act[0] if act else None


def told(
    entry: ExcludedRange, acts: list[ExclusionAct]
) -> Iterator[tuple[int, str, str, int | None]]:
    whom = "" if entry.principal is None else entry.principal.hex()
    for position in range(entry.first, entry.last + 1):
        act = None if entry.act is None else acts.index(entry.act)
        yield position, entry.ground, whom, act


def about(act: ExclusionAct) -> tuple[str, str, str | None]:
    return act.actor, act.reason, act.since and instant_text(act.since)


def written(act: dict[str, Any]) -> tuple[str, str, str | None]:
    return act["actor"], act["reason"], act.get("since")


@every("name", NAMES)
def test_both_readers_say_of_the_golden_events_what_is_hidden_from_whom(name: str) -> None:
    read, event = independent(name), fact_of(own(name)).event
    assert isinstance(event, ExclusionsSealed | ReviewSealed)
    entries = {what: getattr(event, what, ()) for what in LISTS}
    given = read.get("acts", [])
    acts = [one.act for found in entries.values() for one in found if one.act is not None]
    known = [next(act for act in acts if about(act) == written(one)) for one in given]
    for what, found in entries.items():
        ours = [one for entry in found for one in told(entry, known)]
        assert ours == list(hidden(read, what)), what
    for act, one in zip(known, given, strict=True):
        first = one.get("requested")
        assert (act.actor, act.requested and act.requested.actor) == (
            one["actor"],
            first and first["actor"],
        )


@every("name", NAMES)
def test_what_is_written_anew_is_of_the_second_version_and_says_the_same(name: str) -> None:
    event = fact_of(own(name)).event
    assert isinstance(event, ExclusionsSealed | ReviewSealed)
    _, record = exclusion_parts_of(event)
    assert record["v"] == 2
    if "version 2" in name:
        assert record == independent(name)


def test_the_golden_events_have_one_size() -> None:
    sizes = {len(event["parts"][0]) // 2 for event in FILE["store"]["events"]}
    assert sizes == {8_192 + 28}
