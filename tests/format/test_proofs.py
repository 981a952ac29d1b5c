"""Proofs of a reply, read as a stranger does: the golden ledger before and after a death."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import Verifier
from ledger.errors import CorruptRecordError
from ledger.format.copies import opened_salts
from ledger.format.header import read_header
from ledger.format.json import canonical, encoded
from ledger.format.proof import ProofRecord, proof
from ledger.format.shown_parts import prove_line, prove_statement
from ledger.log.proof_records import read_proof
from ledger.log.record_proofs import prove_records
from ledger.merkle import root_of, verify_consistency
from ledger.values import Json
from tests.format.golden.building import (
    CORRECTED_FACTS,
    LEDGER,
    RECORD_KEY,
    STATEMENT,
    VKEY,
    Book,
    Counter,
    named_uuid,
)
from tests.format.golden.make import shown
from tests.format.golden.story import content, opened, recorded, whole_book
from tests.format.golden_files import golden
from tests.matrix import every
from tests.merkle.consistency import consistency_proof
from tests.rounds import is_thorough

KEY = Verifier.read(VKEY)
BOOK, BEFORE = whole_book()


def record(
    book: Book, events: tuple[int, ...], statement: int, line: tuple[int, int]
) -> ProofRecord:
    """Of `events` (positions); the line is (position, j)."""
    position, j = line
    at = events.index
    return ProofRecord(
        tuple(shown(book, one) for one in events),
        prove_statement(book.header(statement), content(book, statement), (at(statement),)),
        prove_line(book.header(position), content(book, position), j, (at(position),)),
    )


ONE = record(BOOK, (2,), 2, (2, 0))
CORRECTED = record(BOOK, (2, 7), 7, (2, 0))
BULK = ProofRecord(
    (shown(BOOK, 13, (10, 11)),),
    prove_statement(BOOK.header(10), content(BOOK, 10), (0, 0)),
    prove_line(BOOK.header(11), content(BOOK, 11), 3, (0, 1)),
)
WHOLE = proof(BOOK.checkpoint(), [ONE, CORRECTED, BULK])


def test_a_proof_tells_what_was_recorded_and_where() -> None:
    proven = read_proof(WHOLE, KEY, LEDGER)
    assert proven.checkpoint.size == len(BOOK.events)
    assert [one.positions for one in proven.records] == [(2,), (2, 7), (13,)]
    for one, made in zip(proven.records, (ONE, CORRECTED, BULK), strict=True):
        assert (one.statement, one.line) == (made.statement.text, made.line.text)


@every("name", golden("ledger.json")["showings"])
def test_our_reader_takes_every_golden_showing_whose_version_is_a_number(name: str) -> None:
    # A signature that is a key's id alone is none for a reader of signed notes.
    text = golden("ledger.json")["showings"][name].replace(" AAAAAA==", " AAAAAAA=")
    [found] = read_proof(text.encode(), KEY, LEDGER).records
    assert (found.line or found.statement or b"").decode() in json.loads(text).get(
        "line", json.loads(text).get("statement")
    )["text"]
    with pytest.raises(CorruptRecordError):
        read_proof(text.replace('"v":1}', '"v":true}').encode(), KEY, LEDGER)


@every("fault", golden("broken.json")["showings"], called=lambda fault: fault["desc"])
def test_our_reader_refuses_every_broken_showing(fault: dict[str, str]) -> None:
    with pytest.raises(CorruptRecordError):
        read_proof(fault["showing"].encode(), KEY, LEDGER)


def _edited(edit: Callable[[Any], object]) -> bytes:
    members = json.loads(WHOLE)
    edit(members)
    return encoded(members)


def _first(members: dict[str, Any]) -> dict[str, Any]:
    return members["records"][0]


BROKEN: dict[str, Callable[[Any], object]] = {
    "another version": lambda m: m.update(v=2),
    "a version that is true": lambda m: m.update(v=True),
    "a member more": lambda m: m.update(key="x"),
    "no records": lambda m: m.pop("records"),
    "a record without its line": lambda m: _first(m).pop("line"),
    "a record without its statement": lambda m: _first(m).pop("statement"),
    "a record with a member more": lambda m: _first(m).update(name="x"),
    "no commitment": lambda m: _first(m)["line"].pop("commitment"),
    "another commitment of the line": lambda m: _first(m)["line"].update(commitment="ab" * 32),
    "another commitment of the statement": lambda m: _first(m)["statement"].update(
        commitment="ab" * 32
    ),
    "the line of another record": lambda m: _first(m).update(line=m["records"][2]["line"]),
    "the events of another record": lambda m: _first(m).update(events=m["records"][1]["events"]),
    "an event that nothing is in": lambda m: _first(m)["events"].append(
        m["records"][1]["events"][1]
    ),
    "a record that is shown twice": lambda m: m["records"].append(_first(m)),
    "a checkpoint of another size": lambda m: m.update(
        checkpoint=m["checkpoint"].replace(f"\n{len(BOOK.events)}\n", "\n7\n")
    ),
}


@every("fault", BROKEN)
def test_a_proof_with_one_fault_is_refused(fault: str) -> None:
    with pytest.raises(CorruptRecordError):
        read_proof(_edited(BROKEN[fault]), KEY, LEDGER)


def test_no_bit_of_a_proof_can_be_flipped() -> None:
    # A thorough run: each byte, a different bit of each.
    for at in range(0, len(WHOLE) * 8, 7 if is_thorough() else 31):
        bent = bytearray(WHOLE)
        bent[at // 8] ^= 1 << at % 8
        with pytest.raises(CorruptRecordError):
            read_proof(bytes(bent), KEY, LEDGER)


def test_another_key_and_another_ledger_are_refused() -> None:
    other = Verifier(KEY.name, bytes(31) + b"\x01")
    for key, ledger in ((other, LEDGER), (KEY, "silver"), (KEY, "olden")):
        with pytest.raises(CorruptRecordError):
            read_proof(WHOLE, key, ledger)


def test_a_proof_made_before_a_death_verifies_after_it() -> None:
    """The key of position 2 dies at the end: headers stay, so the old root is made again."""
    made = proof(BOOK.checkpoint(BEFORE), [at_size(ONE, BEFORE)])
    [dead] = json.loads(BOOK.header(len(BOOK.events)))["keys"]
    assert BOOK.events[1].key_id == bytes.fromhex(dead)
    proven = read_proof(made, KEY, LEDGER)
    later = BOOK.leaves()
    assert proven.checkpoint.root == root_of(later[:BEFORE])
    consistent = consistency_proof(later, BEFORE)
    assert verify_consistency(BEFORE, len(later), consistent, proven.checkpoint.root, BOOK.root())


def test_what_a_copy_carries_is_proven_after_the_death_by_the_original() -> None:
    copy = next(n for n, e in enumerate(BOOK.events, 1) if e.type == "record-carried-forward")
    carried = ProofRecord(
        (shown(BOOK, 2),),
        prove_statement(BOOK.header(2), content(BOOK, copy), (0,)),
        prove_line(BOOK.header(2), content(BOOK, copy), 1, (0,)),
    )
    [proven] = read_proof(proof(BOOK.checkpoint(), [carried]), KEY, LEDGER).records
    assert (proven.positions, proven.statement) == ((2,), ONE.statement.text)


def at_size(one: ProofRecord, size: int) -> ProofRecord:
    """The same, in the log as it was at that size."""
    events = [
        dataclasses.replace(event, path=BOOK.path(event.index + 1, size)) for event in one.events
    ]
    return dataclasses.replace(one, events=tuple(events))


# -- made of the events of a transfer ----------------------------------------------------------


def made_of(book: Book, stream: str, own: str) -> list[ProofRecord]:
    """What `shown_records` makes for the person with that identifier."""
    positions = [n for n, one in enumerate(book.events, 1) if one.stream == named_uuid(stream)]
    return prove_records(
        [opened(book, one) for one in positions if book.events[one - 1].type in SAYING],
        {one: book.header(one) for one in positions},
        lambda ref: ref.id == own,
        book.path,
    )


SAYING = {
    "provision-recorded",
    "principals-appended",
    "transfer-completed",
    "transfer-corrected",
}


def test_records_are_shown_as_they_stand_after_a_correction() -> None:
    for number in (2, 3):  # replaced, removed
        assert made_of(BOOK, "t1", f"M-{number:04}") == []
    for number in (1, 8, 9):
        [one] = made_of(BOOK, "t1", f"M-{number:04}")
        assert one.statement.text == CORRECTED.statement.text
        proven = read_proof(proof(BOOK.checkpoint(), [one]), KEY, LEDGER)
        assert json.loads(proven.records[0].line or "")["principal"]["id"] == f"M-{number:04}"


def test_a_line_of_a_bulk_transfer_is_proven_by_its_completion() -> None:
    line = json.loads(BULK.line.text)["principal"]["id"]
    [one] = made_of(BOOK, "bulk", line)
    assert proof(BOOK.checkpoint(), [one]) == proof(BOOK.checkpoint(), [BULK])


def test_who_is_not_in_a_transfer_is_shown_nothing_of_it() -> None:
    assert made_of(BOOK, "t1", "M-9999") == []


PERSONS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9),
    min_size=2,
    max_size=9,
    unique=True,
)


def _grown(names: list[str], story: str) -> Book:
    """A transfer that names these persons, and a correction of every line but the first."""
    book = Book(Counter(story))

    def line(n: int, name: str, number: int | None = None) -> bytes:
        principal: dict[str, Json] = {
            "scheme": "member",
            "id": f"<{n}:{name}>",
            "name": f"«{name}»",
        }
        told: dict[str, Json] = {"principal": principal}
        return canonical(told if number is None else {**told, "n": number})

    lines = tuple(line(n, name) for n, name in enumerate(names))
    book.put("provision-recorded", "t", RECORD_KEY, **recorded(book, lines=lines, first=0))
    again = tuple(line(n, name, n) for n, name in enumerate(names) if n)
    facts = {k: v for k, v in CORRECTED_FACTS.items() if k not in ("persons", "series")}
    corrected = {"facts": facts, "judged_at": 1, "record": {"reason": "訂正"}}
    other: dict[str, Json] = {"items": ["氏名"]}
    statement = canonical(STATEMENT | other)
    book.put("transfer-corrected", "t", RECORD_KEY, **corrected, statement=statement, lines=again)
    return book


@given(PERSONS, st.data())
def test_a_proof_shows_no_byte_of_another_person(names: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(names) - 1))
    book = _grown(names, "drawn")
    [one] = made_of(book, "t", f"<{n}:{names[n]}>")
    whole = proof(book.checkpoint(), [one])
    read_proof(whole, KEY, LEDGER)
    # Everybody else is somebody else, as far apart as can be: but hashes nothing changes.
    others = [name if at == n else f"{at}" * 7 for at, name in enumerate(names)]
    same = _grown(others, "drawn")
    [two] = made_of(same, "t", f"<{n}:{names[n]}>")
    assert _without_hashes(whole) == _without_hashes(proof(same.checkpoint(), [two]))


def _without_hashes(whole: bytes) -> str:
    """All but hashes, signatures and the sizes of what is sealed, which pads to 256 bytes."""
    text = re.sub("[0-9a-f]{32,64}", "…", whole.decode())
    text = re.sub(r'\\"size\\":\d+', "size", text)
    return re.sub(r"\\n[A-Za-z0-9+/=]{44}\\n|— [^\"]*", "…", text)


@given(PERSONS, st.data())
def test_no_salt_but_the_persons_own_is_shown(names: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(names) - 1))
    book = _grown(names, "drawn")
    [one] = made_of(book, "t", f"<{n}:{names[n]}>")
    whole = proof(book.checkpoint(), [one]).decode()
    for position in (1, 2):
        found = opened_salts(read_header(book.header(position)), content(book, position))
        shown_here = {salt for _, salt, _ in found.lines if salt.hex() in whole}
        assert shown_here <= {one.line.salt}
    assert "salt_key" not in whole
