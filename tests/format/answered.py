"""Proofs that bind an answer, made of the golden ledger, and lies about them."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from ledger.crypto.answers import AnsweredLine, AnswerKeys, answer_of
from ledger.crypto.notes import Verifier
from ledger.format.json import canonical, encoded
from ledger.format.proof import ProofAnswer, ProofRecord, proof, subject_of
from ledger.format.shown_parts import ProofEvent
from ledger.log.proof_records import ProvenRecord, read_proof
from ledger.values import Json, PrincipalRef
from tests.format.golden.building import LEDGER, VKEY, Book, named_uuid
from tests.format.golden.make import shown
from tests.format.golden.story import CASE_KEY, whole_book
from tests.format.test_proofs import BULK, CORRECTED

KEY: Final = Verifier.read(VKEY)
WHO: Final = PrincipalRef("member", "M-0001")
SALT: Final = sha256(b"salt of an answer").digest()
HELD: Final = AnsweredLine(named_uuid("t3"), 4, 4, 1, 0, 4, 4)


def anew(one: ProofRecord, book: Book) -> ProofRecord:
    """The same record in a book that has grown."""
    events = (dataclasses.replace(shown(book, e.index + 1), parts=e.parts) for e in one.events)
    return dataclasses.replace(one, events=tuple(events))


def line_of(one: ProvenRecord, form: int) -> AnsweredLine:
    assert one.number is not None
    places = (one.statement_at, one.line_at) if form > 1 else (None, None)
    versions = (one.positions[0], one.positions[-1], len(one.positions))
    return AnsweredLine(one.stream, *versions, one.number, *places)


def bound(
    form: int = 2,
    records: Sequence[ProofRecord] = (CORRECTED, BULK),
    as_of: int = 14,
    shown_as: Sequence[ProofRecord] | None = None,
) -> tuple[Book, bytes]:
    """A book with an answer of these records and of one that is not shown, and its proof.

    Args:
        shown_as: the records that the proof has in place of those that were told.
    """
    book, _ = whole_book()
    proven = read_proof(proof(book.checkpoint(), [anew(one, book) for one in records]), KEY, LEDGER)
    lines = [line_of(one, form) for one in proven.records]
    held = HELD if form > 1 else HELD.of_form_1
    keys = AnswerKeys.of(SALT, form)
    asked = subject_of(keys, [WHO], [])
    digests = [*((one.digest, False) for one in lines), (held.digest, True)]
    place = (LEDGER, named_uuid("asked"), as_of, canonical(asked))
    facts: dict[str, Json] = {"as_of": as_of, "answer": answer_of(keys, *place, digests).hex()}
    record: dict[str, Json] = {"content": "ab" * 32, "salt": SALT.hex()}
    at = book.put("answer-committed", "asked", CASE_KEY, facts=facts, record=record)
    event = ProofEvent(book.header(at), at - 1, book.path(at))
    answer = ProofAnswer(event, asked, keys.shown, form, [*lines, held.digest])
    in_proof = [anew(one, book) for one in (records if shown_as is None else shown_as)]
    return book, proof(book.checkpoint(), in_proof, answer)


def _lines(members: dict[str, Any]) -> list[Any]:
    return members["answer"]["lines"]


def _held_back(members: dict[str, Any]) -> None:
    members["records"].pop()
    line = _lines(members)[1]
    places = {name: line[name] for name in line if name != "stream"}
    _lines(members)[1] = AnsweredLine(named_uuid("bulk"), **places).digest.hex()


LIES: Final[Mapping[str, Callable[[Any], object]]] = {
    "a record is left out": lambda m: m["records"].pop(),
    "a record and its line are left out": lambda m: (m["records"].pop(), _lines(m).pop(1)),
    "a record is added": lambda m: m["records"].append(m["records"][0]),
    "all records are left out": lambda m: m["records"].clear(),
    "a line is told twice": lambda m: _lines(m).append(_lines(m)[0]),
    "lines stand in another order": lambda m: _lines(m).reverse(),
    "a line of another version": lambda m: _lines(m)[0].update(version=9),
    "a line of another stream": lambda m: _lines(m)[0].update(stream=str(named_uuid("t9"))),
    "a stream in capitals": lambda m: _lines(m)[0].update(stream=_lines(m)[0]["stream"].upper()),
    "a number that needs more than its bytes": lambda m: _lines(m)[0].update(line=1 << 40),
    "a line without a member": lambda m: _lines(m)[0].pop("first"),
    "a line with a member more": lambda m: _lines(m)[0].update(name="x"),
    "a record is passed off as withheld": _held_back,
    "what is withheld is another line": lambda m: _lines(m).__setitem__(2, "ab" * 32),
    "what is withheld is left out": lambda m: _lines(m).pop(),
    "somebody else is asked for": lambda m: m["answer"]["asked"]["identifiers"][0].update(id="x"),
    "nobody is asked for": lambda m: m["answer"]["asked"]["identifiers"].clear(),
    "something else was tried": lambda m: m["answer"]["asked"].update(tried="ab" * 32),
    "another salt": lambda m: m["answer"].update(salt="ab" * 32),
    "an event that binds no answer": lambda m: m["answer"].update(
        event={n: m["records"][0]["events"][0][n] for n in ("header", "index", "path")}
    ),
    "an event elsewhere": lambda m: m["answer"]["event"].update(index=3),
    "no answer": lambda m: m.pop("answer"),
    "an answer that is null": lambda m: m.update(answer=None),
    "version 1": lambda m: m.update(v=1),
    "version 2": lambda m: m.update(v=2),
    "version 4": lambda m: m.update(v=4),
}


def edited(content: bytes, edit: Callable[[Any], object]) -> bytes:
    members = json.loads(content)
    edit(members)
    return encoded(members)
