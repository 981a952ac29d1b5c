"""Every proof that was made before a purge verifies after it, for a reader who has only the log."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings

from ledger.crypto.keys import DataKey, key_id_of
from ledger.format.decoder import open_event
from ledger.format.envelope import SealedContent, StoredFact
from ledger.format.header import read_header
from ledger.format.shown_parts import ProofEvent, ProofText, prove_line, prove_statement
from ledger.merkle import inclusion_path, verify_consistency, verify_inclusion
from tests.database import LEDGER_NAME, Server
from tests.format.golden.shapes import types_data
from tests.format.golden_files import golden, reader, store
from tests.format.independent_decoder import Reader
from tests.format.showings import showing
from tests.merkle import reference
from tests.merkle.consistency import consistency_proof
from tests.oracle.test_random_ledgers import bounded
from tests.retaining import drawn
from tests.retaining.drawn import Correct, Hold, Link, Record, Release, Retract, Stop, Story
from tests.retaining.keeper import Keeper
from tests.retaining.telling import Teller, telling
from tests.rounds import rounds

SIGNER = Ed25519PrivateKey.from_private_bytes(sha256(b"signer of a test").digest())
Store = dict[str, Any]
# So many looks between two takings, and so many takings: the first is before anything dies.
EACH, TAKEN_MAX = 6, 3


@dataclass(frozen=True, slots=True)
class Log:
    """Who signs for a ledger, and who reads it."""

    ledger: str

    @property
    def origin(self) -> str:
        return f"ledger.example.jp/{self.ledger}"

    @property
    def signer_id(self) -> bytes:
        return sha256(self.origin.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def public(self) -> bytes:
        return SIGNER.public_key().public_bytes_raw()

    def reader(self) -> Reader:
        key = base64.b64encode(b"\x01" + self.public).decode()
        vkey = f"{self.origin}+{self.signer_id.hex()}+{key}"
        return Reader(types_data(), self.ledger, vkey)

    def checkpoint(self, headers: list[bytes]) -> str:
        root = base64.b64encode(reference.mth([_entry(header) for header in headers])).decode()
        text = f"{self.origin}\n{len(headers)}\n{root}\n"
        signature = base64.b64encode(self.signer_id + SIGNER.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n"


def _entry(header: bytes) -> bytes:
    return sha256(b"ppl/event/1\0" + header).digest()


def leaf_of(header: bytes) -> bytes:
    return sha256(b"\0" + _entry(header)).digest()


def headers_of(read: Store) -> list[bytes]:
    return [event["header"].encode() for event in read["events"]]


def store_of(kept: Keeper) -> Store:
    """The ledger as its tables hold it now, under a checkpoint of now."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute(
            "SELECT e.state, array(SELECT s.part FROM ledger.sealed_parts s"
            " WHERE s.position = e.notification_id ORDER BY s.n)"
            " FROM ledger.events e ORDER BY e.notification_id"
        ).fetchall()
        ids = [bytes(row[0]) for row in admin.execute("SELECT key_id FROM ledger.data_keys")]
    events = [
        {"header": bytes(state).decode()}
        | ({"parts": [one.hex() for one in parts]} if parts else {})
        for state, parts in rows
    ]
    keys = {
        key_id.hex(): key.secret.hex() for key_id, key in kept.inside.house.keys.open(ids).items()
    }
    read: Store = {"events": events, "keys": keys}
    return read | {"checkpoint": Log(LEDGER_NAME).checkpoint(headers_of(read))}


@dataclass(frozen=True, slots=True)
class Proofs:
    """What somebody took home: a root, paths, and showings, as of a size."""

    size: int
    root: bytes
    paths: list[list[bytes]]
    showings: dict[tuple[int, int | None], str]
    """(position, line; None: the statement) → showing."""


def proofs_of(read: Store, ledger: str, checkpoint: str) -> Proofs:
    """Every proof that can be made: a path of each event, a showing of each part that opens."""
    headers = headers_of(read)
    leaves = [leaf_of(header) for header in headers]
    paths = [inclusion_path(leaves, index) for index in range(len(headers))]
    showings: dict[tuple[int, int | None], str] = {}
    for position, j, shown in _shown(read, ledger):
        event = ProofEvent(headers[position - 1], position - 1, paths[position - 1])
        text = {"statement": shown} if j is None else {"line": shown}
        showings[position, j] = showing(checkpoint, (event,), **text).decode()
    root = reference.mth([_entry(header) for header in headers])
    return Proofs(len(headers), root, paths, showings)


def _shown(read: Store, ledger: str) -> Iterator[tuple[int, int | None, ProofText]]:
    """Each statement and line that opens, in the header that commits to it; of copies too."""
    headers = headers_of(read)
    for header, content in _contents(read, ledger):
        position = header
        original = headers[position - 1]
        of = read_header(original)
        if of.statement is not None:
            yield position, None, prove_statement(original, content, (0,))
        if of.lines_root is not None and of.type != "principals-appended":
            carried = content.copy
            indexes = (
                range(len(content.lines)) if carried is None else [j for j, _, _ in carried.lines]
            )
            for j in indexes:
                yield position, j, prove_line(original, content, j, (0,))


def _contents(read: Store, ledger: str) -> Iterator[tuple[int, SealedContent]]:
    """(position of the original, content) of each part that opens."""
    secrets = [bytes.fromhex(secret) for secret in read["keys"].values()]
    keys = {
        key_id_of(one, ledger): DataKey(key_id_of(one, ledger), one, "record", None)
        for one in secrets
    }
    for position, (header, event) in enumerate(
        zip(headers_of(read), read["events"], strict=True), 1
    ):
        if "parts" not in event:
            continue
        known, sealed = read_header(header), bytes.fromhex(event["parts"][0])
        fact = StoredFact(position, known.stream, known.version, known.type, header, sealed)
        content = open_event(fact, keys, ledger).content
        if content is not None:
            yield known.copies.position if known.copies else position, content


def still_verify(proofs: Proofs, read: Store, judge: Reader) -> None:
    """All of them against what the ledger holds now."""
    headers = headers_of(read)
    entries = [_entry(header) for header in headers]
    leaves = [leaf_of(header) for header in headers]
    size, root = proofs.size, proofs.root
    assert reference.mth(entries[:size]) == root
    for index, path in enumerate(proofs.paths):
        assert verify_inclusion(leaves[index], index, size, path, root)
        hexes = [one.hex() for one in path]
        assert judge.climb(leaves[index], index, size, hexes) == root
    for text in proofs.showings.values():
        [event] = judge.read_showing(text)["events"]
        assert event["header"].encode() == headers[event["index"]]
    proof = consistency_proof(leaves, size)
    assert proof == reference.proof(size, entries)
    assert verify_consistency(size, len(headers), proof, root, reference.mth(entries))


@dataclass(slots=True)
class Notary:
    """Takes every proof now and then, and asks for all of them again at each look."""

    taken: list[Proofs] = field(default_factory=list[Proofs])
    looks: int = 0
    gone: int = 0
    shown_from_copies: int = 0

    def __call__(self, teller: Teller) -> None:
        read, log = store_of(teller.kept), Log(LEDGER_NAME)
        judge = log.reader()
        # What is missing is missing by a purge only; copies are what their originals committed to.
        judge.read_ledger(read)
        for proofs in self.taken:
            still_verify(proofs, read, judge)
            self._same_text(proofs, read)
        if self.looks % EACH == 0 and len(self.taken) < TAKEN_MAX:
            self.taken.append(proofs_of(read, LEDGER_NAME, read["checkpoint"]))
        self.looks += 1

    def _same_text(self, earlier: Proofs, read: Store) -> None:
        """What can still be shown is shown by the same salt, text and path inside the event."""
        now = {(position, j): shown for position, j, shown in _shown(read, LEDGER_NAME)}
        self.gone += len(earlier.showings.keys() - now.keys())
        for position, j in earlier.showings.keys() & now.keys():
            member = "statement" if j is None else "line"
            before = json.loads(earlier.showings[position, j])[member]
            shown = now[position, j]
            assert (before["salt"], before["text"]) == (shown.salt.hex(), shown.text.decode())
            assert before.get("path", []) == [one.hex() for one in shown.path]
            self.shown_from_copies += "parts" not in read["events"][position - 1]


# Each reason to die and to live on, and something of each type that a record's life leaves.
STORY: Story = [
    (0, Record("single", ("P1", "P2", "P3"))),
    (0, Link("P1", "P2")),
    (0, Record("contract", ("P1", "P2"))),
    (1, Record("single", ("P2",), 0, 0)),
    (0, Record("message", ("P1", "P3"))),
    (10, Record("closing", ("P3",))),
    (1, Record("open", ("P2",), 1)),
    (1, Record("log", ("P1", "P3"))),
    (1, Stop("P3")),
    (1, Record("contract", ("P1", "P3"))),
    (10, Correct(0, "earlier")),
    (0, Hold(0, "P3")),
    (31, Correct(1, "later")),
    (31, Correct(5, "close")),
    (10, Record("period", ("P1", "P2", "P3"), 1080)),
    (0, Hold(8)),
    (250, Retract(6)),
    (150, Hold(7, "P1")),
    (150, Release(1)),
]


def test_every_proof_of_a_ledger_verifies_after_each_of_its_purges(server: Server) -> None:
    notary = Notary()
    with telling(server, notary) as teller:
        teller.tell(date(2024, 2, 28), STORY)
    assert notary.looks > 20
    # Otherwise nothing was proven: what was shown died, and was shown from copies.
    assert len(notary.taken) == TAKEN_MAX
    assert notary.gone > 0
    assert notary.shown_from_copies > 0


@settings(parent=bounded, max_examples=rounds(4))
@given(story=drawn.stories)
def test_every_proof_of_a_random_ledger_verifies_after_each_of_its_purges(
    server: Server, story: Story
) -> None:
    with telling(server, Notary()) as teller:
        teller.tell(date(2024, 12, 31), story)


# -- golden ---------------------------------------------------------------------------------------


def test_every_golden_proof_made_before_the_purge_verifies_after_it() -> None:
    before, after = store("before"), store("after")
    made = proofs_of(before, golden("ledger.json")["ledger"], before["checkpoint"])
    assert len(made.showings) > 15
    still_verify(made, after, reader())
    dead = golden("ledger.json")["stores"]["after"]["dead"]
    gone = {
        place
        for place in made.showings
        if json.loads(before["events"][place[0] - 1]["header"])["sealed"]["key"] in dead
    }
    assert gone, "something that was shown has died"


def test_every_golden_showing_is_in_the_log_after_the_purge() -> None:
    headers = headers_of(store("after"))
    for text in golden("ledger.json")["showings"].values():
        for event in reader().read_showing(text)["events"]:
            assert event["header"].encode() == headers[event["index"]]


@pytest.mark.parametrize("fault", ["another header", "a header less", "another order"])
def test_a_proof_of_a_log_that_was_rewritten_is_refused(fault: str) -> None:
    before, after = store("before"), store("after")
    made = proofs_of(before, golden("ledger.json")["ledger"], before["checkpoint"])
    events: list[dict[str, Any]] = [dict(event) for event in after["events"]]
    match fault:
        case "another header":
            events[1]["header"] = events[1]["header"].replace('"persons":3', '"persons":4')
        case "a header less":
            del events[1]
        case _:
            events[1], events[2] = events[2], events[1]
    with pytest.raises(AssertionError):
        still_verify(made, after | {"events": events}, reader())
