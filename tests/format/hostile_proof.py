"""A genuine proof of which every text that somebody typed tries to be something else."""

import hmac
from hashlib import sha256
from typing import Final

from ledger.format.json import canonical, encoded
from ledger.values import Json
from tests.format.golden.building import LEDGER, named_uuid, signed

SALT: Final = sha256(b"salt of a hostile proof").digest()
ACTOR_MAX: Final = 300
"""Characters; a header has at most 4,095 bytes."""


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _committed(text: bytes, kind: bytes) -> bytes:
    place = _lp(LEDGER.encode()) + named_uuid("hostile").bytes + (1).to_bytes(8, "big")
    message = b"ppl/commitment/1\0" + place + kind + bytes(4) + _lp(text)
    return hmac.digest(SALT, message, "sha256")


def _header(kind: str, stream: str, actor: str, **members: Json) -> str:
    header: dict[str, Json] = {
        **members,
        "actor": actor[:ACTOR_MAX],
        "at": actor[:ACTOR_MAX],
        "command": str(named_uuid("command")),
        "ledger": LEDGER,
        "sealed": {"key": "00", "size": 256},
        "stream": str(named_uuid(stream)),
        "type": kind,
        "v": 1,
        "version": 1,
    }
    return canonical(header).decode()


def _leaf(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def _event(header: str) -> bytes:
    return _leaf(sha256(b"ppl/event/1\0" + header.encode()).digest())


def hostile_proof(text: str) -> bytes:
    """A proof of version 3 with one record; the text stands in each member that takes any text."""
    party: Json = {"name": text, "address": text, "representative": text, "kind": text}
    texts: dict[str, Json] = {"counterparty": party, "items": [text, [text]]}
    for name in ("direction", "basis", "method", "duty", "recorded_on", "acquisition"):
        texts[name] = text
    statement = canonical(texts)
    line = canonical({"items": [text], "principal": {"id": text, "name": text, "scheme": text}})
    commitments = _committed(statement, b"\0"), _committed(line, b"\1")
    record = _header(
        "provision-recorded",
        "hostile",
        text,
        facts={"text": text[:ACTOR_MAX]},
        judged_at=0,
        statement=commitments[0].hex(),
        lines={"count": 1, "first": 0, "root": _leaf(commitments[1]).hex()},
    )
    asked: Json = {"identifiers": [{"id": text, "scheme": text}], "tried": "00" * 32}
    places = {"first": 1, "last": 1, "version": 1, "line": 0, "statement_at": 1, "line_at": 1}
    widths = {"line": 4}
    content = b"".join(n.to_bytes(widths.get(name, 8), "big") for name, n in places.items())
    entry = sha256(b"ppl/index-entry/2\0" + named_uuid("hostile").bytes + content).digest()
    message = b"ppl/answer/2\0" + _lp(LEDGER.encode()) + named_uuid("asked").bytes
    message += (1).to_bytes(8, "big") + _lp(canonical(asked))
    message += (1).to_bytes(4, "big") + b"\0" + entry
    facts: Json = {"as_of": 1, "answer": hmac.digest(SALT, message, "sha256").hex()}
    answer = _header("answer-committed", "asked", text, facts=facts)
    leaves = _event(record), _event(answer)
    shown: dict[str, Json] = {"in": [0], "salt": SALT.hex()}
    return encoded(
        {
            "answer": {
                "asked": asked,
                "event": {"header": answer, "index": 1, "path": [leaves[0].hex()]},
                "lines": [{**places, "stream": str(named_uuid("hostile"))}],
                "salt": SALT.hex(),
            },
            "checkpoint": signed(2, sha256(b"\1" + leaves[0] + leaves[1]).digest()),
            "records": [
                {
                    "events": [{"header": record, "index": 0, "path": [leaves[1].hex()]}],
                    "line": shown
                    | {"commitment": commitments[1].hex(), "index": 0, "path": []}
                    | {"text": line.decode()},
                    "statement": shown
                    | {"commitment": commitments[0].hex(), "text": statement.decode()},
                }
            ],
            "v": 3,
        }
    )
