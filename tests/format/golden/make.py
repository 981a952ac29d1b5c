"""Writes the golden files: `python -m tests.format.golden.make`. What changes is a new format.

`ledger.json` holds a ledger with an event of every type, before and after one key dies, with every
intermediate value; `broken.json` holds ledgers and showings with one fault each;
`exclusions.json` holds both versions of what is excluded under Order 11.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.crypto.commitments import (
    line_commitment,
    line_salt,
    statement_commitment,
    statement_salt,
)
from ledger.crypto.encoding import context, expanded, tag
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.sealed_parts import open_part
from ledger.format.envelope import SealedContent
from ledger.format.header import event_hash
from ledger.format.shown_parts import (
    ProofEvent,
    ProofPart,
    ProofText,
    part_path,
    prove_line,
    prove_statement,
)
from tests.format.golden.breaking import broken
from tests.format.golden.building import LEDGER, RECORD_KEY, VKEY, Book, Counter, signed
from tests.format.golden.excluding import exclusions_json
from tests.format.golden.shapes import types_data
from tests.format.golden.story import content, whole_book
from tests.format.ring_world import wrapped_alone
from tests.format.showings import showing

HERE = Path(__file__).parent
SECRET = sha256(b"golden ledger secret").digest()
MASTER = sha256(b"golden epoch master").digest()


def values(book: Book, position: int) -> dict[str, Any]:
    """Every value on the way from the draft to the header and the sealed part."""
    event = book.events[position - 1]
    place = context(LEDGER, event.stream, event.version)
    found: dict[str, Any] = {
        "event_hash": event_hash(event.header).hex(),
        "log_root": book.root(position).hex(),
        "context": place.hex(),
    }
    if event.sealed is None or event.key_id is None:
        return found
    key = book.keys[event.key_id]
    scope = tag("ppl/seal/1") + place
    plain = open_part(key, place, event.type, event.sealed)
    size = int.from_bytes(plain[:4], "big")
    found |= {
        "record_key": expanded(key.prk, scope).hex(),
        "nonce": event.sealed[:12].hex(),
        "json": plain[4 : 4 + size].decode(),
        "padded": len(plain),
    }
    sealed = content(book, position)
    if sealed.salt_key is not None:
        found |= commitments(sealed, sealed.salt_key, place)
    return found


def commitments(sealed: SealedContent, salt_key: bytes, place: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if sealed.statement is not None:
        salt = statement_salt(salt_key, place)
        commitment = statement_commitment(salt, place, sealed.statement)
        found["statement"] = {"salt": salt.hex(), "commitment": commitment.hex()}
    if sealed.lines:
        salts = [line_salt(salt_key, place, j) for j in range(len(sealed.lines))]
        found["lines"] = [
            {"salt": salt.hex(), "commitment": line_commitment(salt, place, j, line).hex()}
            for j, (salt, line) in enumerate(zip(salts, sealed.lines, strict=True))
        ]
    return found


def shown(book: Book, position: int, parts: tuple[int, ...] = ()) -> ProofEvent:
    """The event in the log of the whole book; `parts` are positions, the recorded event first."""
    event = book.events[position - 1]
    stream = [one.header for one in book.events[: position - 1] if one.stream == event.stream]
    return ProofEvent(
        event.header,
        position - 1,
        book.path(position),
        tuple(
            ProofPart(book.header(part), stream.index(book.header(part)), path)
            for part in parts
            for path in [part_path(stream, stream.index(book.header(part)))]
        ),
    )


def showings(book: Book) -> dict[str, str]:
    """One of each kind: in one event, after a correction, of a bulk transfer, from a copy."""
    whole = book.checkpoint()
    cosigned = signed(len(book.events), book.root(), "— witness.example/w AAAAAA==\n")

    def statement(position: int, place: tuple[int, ...], source: int | None = None) -> ProofText:
        return prove_statement(book.header(position), content(book, source or position), place)

    def line(position: int, j: int, place: tuple[int, ...], source: int | None = None) -> ProofText:
        return prove_line(book.header(position), content(book, source or position), j, place)

    one = (shown(book, 2),)
    two = (shown(book, 2), shown(book, 7))
    bulk = (shown(book, 13, (10, 11)),)
    copy = next(n for n, e in enumerate(book.events, 1) if e.type == "record-carried-forward")
    made = {
        "a line": showing(whole, one, statement=statement(2, (0,)), line=line(2, 0, (0,))),
        "after a correction": showing(
            whole, two, statement=statement(7, (1,)), line=line(2, 0, (0,))
        ),
        "a bulk line": showing(
            whole, bulk, statement=statement(10, (0, 0)), line=line(11, 3, (0, 1))
        ),
        "a bulk statement": showing(
            whole, (shown(book, 13, (10,)),), statement=statement(10, (0, 0))
        ),
        "a corrected line, cosigned": showing(cosigned, (shown(book, 7),), line=line(7, 1, (0,))),
        "a line carried forward": showing(
            whole, one, statement=statement(2, (0,), copy), line=line(2, 1, (0,), copy)
        ),
    }
    return {name: text.decode() for name, text in made.items()}


def chunk_alone() -> str:
    """A line of a chunk that is shown without its completion: to be refused."""
    book, _ = whole_book()
    line = prove_line(book.header(11), content(book, 11), 3, (0,))
    return showing(book.checkpoint(), (shown(book, 11),), line=line).decode()


def identifiers() -> dict[str, str]:
    """What the ledger secret gives."""
    secret = LedgerSecret(SECRET, LEDGER)
    return {
        "stream https://a.example t-1": str(secret.transfer_stream("https://a.example", "t-1")),
        "principal member M-0001": secret.principal_key("member", " M-0001\u3000").hex(),
        "principal email Hanako@Example.JP": secret.principal_key(
            "email", "Hanako@Example.JP"
        ).hex(),
        "principal phone 03-0000-0000": secret.principal_key("phone", "03-0000-0000").hex(),
        "party p-7": secret.party_key("p-7").hex(),
        "name 見本 花子": secret.name_key("見本 花子").hex(),
        "actor https://id.example officer-1": secret.actor("https://id.example", "officer-1"),
    }


def ledger_json() -> dict[str, Any]:
    """The golden ledger."""
    book, before = whole_book()
    nonce = Counter("wrap")
    rows: list[dict[str, Any]] = []
    for position, row in enumerate(book.store()["events"], 1):
        rows.append(
            {**row, "type": book.events[position - 1].type, "values": values(book, position)}
        )
    return {
        "ledger": LEDGER,
        "vkey": VKEY,
        "secret": SECRET.hex(),
        "identifiers": identifiers(),
        "master": MASTER.hex(),
        "keys": [
            {
                "id": key.id.hex(),
                "secret": key.secret.hex(),
                "class": key.key_class,
                "day": key.day.isoformat() if key.day else "",
                "wrapped": wrapped_alone(key, LEDGER, MASTER, nonce(12)).hex(),
            }
            for key in book.keys.values()
        ],
        "events": rows,
        "stores": {
            "before": {"size": before, "checkpoint": book.checkpoint(before), "dead": []},
            "after": {
                "size": len(book.events),
                "checkpoint": book.checkpoint(),
                "dead": [RECORD_KEY.id.hex()],
            },
        },
        "showings": showings(book),
    }


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def files() -> dict[str, str]:
    """Name → text of every golden file."""
    golden = ledger_json()
    return {
        "types.json": written(types_data()),
        "ledger.json": written(golden),
        "exclusions.json": written(exclusions_json()),
        "broken.json": written(broken(golden["showings"], chunk_alone())),
    }


if __name__ == "__main__":
    for name, text in files().items():
        (HERE / name).write_text(text, "utf-8")
