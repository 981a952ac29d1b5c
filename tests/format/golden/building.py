"""A small ledger for golden files: fixed keys, nonces from a counter, a log signed by a test key.

Nothing in it is a secret or a person: names, keys and identifiers are invented.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.crypto.encoding import uuid8
from ledger.crypto.keys import DataKey, key_id_of
from ledger.format.encoder import seal
from ledger.format.envelope import EventDraft, SealedEvent
from ledger.format.header import event_hash
from ledger.format.json import canonical
from ledger.merkle import inclusion_path, leaf_hash, root_of
from ledger.values import Json

LEDGER = "golden"
ORIGIN = f"ledger.example.jp/{LEDGER}"
SIGNER = Ed25519PrivateKey.from_private_bytes(sha256(b"golden signer").digest())
PUBLIC = SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SIGNER_ID = sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC).digest()[:4]
VKEY = f"{ORIGIN}+{SIGNER_ID.hex()}+{base64.b64encode(bytes([1]) + PUBLIC).decode()}"
AT = datetime(2026, 11, 24, 0, 3, 2, 120_000, UTC)
ACTOR = "emitter-1"

# A statement, its line and a record that exercise what JSON can do: escapes, null, Japanese.
STATEMENT: dict[str, Json] = {
    "direction": "provided",
    "basis": "opt_out_27_2",
    "method": "individual",
    "duty": "art29",
    "counterparty": {
        "kind": "corporation",
        "party_id": "p-7",
        "name": "青空データ株式会社",
        "address": "東京都千代田区丸の内一丁目1番1号",
        "representative": "見本 太郎",
    },
    "items": ["氏名", "住所"],
    "transferred_on": "2026-11-20",
    "recorded_on": "2026-11-24",
}
FACTS: dict[str, Json] = {
    "direction": "provided",
    "basis": "opt_out_27_2",
    "method": "individual",
    "effective_method": "individual",
    "duty": "art29",
    "data_kind": "personal_data",
    "law": "2026-04-01",
    "findings": ["COUNTERPARTY_INCOMPLETE", "OPT_OUT_NOT_FILED"],
    "statutory_items": ["DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"],
    "transferred_on": "2026-11-20",
    "recorded_on": "2026-11-24",
    "retain_through": "2029-11-24",
    "persons": 3,
    "party_key": "00112233445566778899aabbccddeeff",
    "series": False,
    "backfill": False,
}
# A correction says neither how many persons there are nor whether it belongs to a series.
CORRECTED_FACTS = {name: fact for name, fact in FACTS.items() if name not in ("persons", "series")}


@dataclass(slots=True)
class Counter:
    """Random bytes of a golden file: SHA-256 over a label and a counter."""

    label: str
    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        blocks = b"".join(
            sha256(f"{self.label}/{self.count}/{block}".encode()).digest()
            for block in range(size // 32 + 1)
        )
        return blocks[:size]


def named_uuid(name: str) -> UUID:
    return uuid8(sha256(name.encode()).digest())


def data_key(key_class: str, name: str, day: date | None, ledger: str = LEDGER) -> DataKey:
    secret = sha256(f"golden key {name}".encode()).digest()
    owner = named_uuid(name) if day is None else None
    return DataKey(key_id_of(secret, ledger), secret, key_class, day, owner)


RECORD_KEY = data_key("record", "record-a", date(2029, 11, 25))


def person(n: int, *, verdict: dict[str, Json] | None = None, number: int | None = None) -> bytes:
    """The line of an invented person."""
    principal: dict[str, Json] = {"scheme": "member", "id": f"M-{n:04}"}
    if n % 2 == 0:
        principal["name"] = f'見本 {n}\u3000"花子"\t\\\u001b'
    line: dict[str, Json] = {"principal": principal}
    if verdict is not None:
        line["verdict"] = verdict
    if number is not None:
        line["n"] = number
    return canonical(line)


def signed(size: int, root: bytes, cosignature: str = "") -> str:
    """A checkpoint: a C2SP signed note. `cosignature`: a line of somebody unknown."""
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(SIGNER_ID + SIGNER.sign(text.encode())).decode()
    return f"{text}\n{cosignature}— {ORIGIN} {signature}\n"


@dataclass(slots=True)
class Book:
    """A ledger as it grows.

    Attributes:
        events: the drafts that were sealed, None for events put in as bytes.
        keys: every key that sealed something.
    """

    random: Counter
    events: list[SealedEvent] = field(default_factory=list[SealedEvent])
    drafts: list[EventDraft] = field(default_factory=list[EventDraft])
    keys: dict[bytes, DataKey] = field(default_factory=dict[bytes, DataKey])

    def draft(self, event_type: str, stream: str, **members: Any) -> EventDraft:  # noqa: ANN401 -- any member of a draft
        """A draft at the next version of the stream of that name."""
        place = named_uuid(stream)
        version = 1 + sum(event.stream == place for event in self.events)
        command = named_uuid(f"command {len(self.events)}")
        return EventDraft(
            event_type, place, version, AT, ACTOR, command, members.pop("facts", {}), **members
        )

    def add(self, draft: EventDraft, key: DataKey | None) -> int:
        """Seal and append; return the position."""
        if key is not None:
            self.keys[key.id] = key
        self.events.append(seal(draft, key, LEDGER, random=self.random))
        self.drafts.append(draft)
        return len(self.events)

    def put(self, event_type: str, stream: str, key: DataKey | None, **members: Any) -> int:  # noqa: ANN401 -- any member of a draft
        """Draft, seal and append; return the position."""
        return self.add(self.draft(event_type, stream, **members), key)

    def header(self, position: int) -> bytes:
        return self.events[position - 1].header

    def leaves(self, size: int | None = None) -> list[bytes]:
        return [leaf_hash(event_hash(event.header)) for event in self.events[:size]]

    def root(self, size: int | None = None) -> bytes:
        return root_of(self.leaves(size))

    def checkpoint(self, size: int | None = None) -> str:
        return signed(len(self.events[:size]), self.root(size))

    def path(self, position: int, size: int | None = None) -> list[bytes]:
        return inclusion_path(self.leaves(size), position - 1)

    def store(self, size: int | None = None, dead: Sequence[bytes] = ()) -> dict[str, Any]:
        """The ledger of the first `size` events as the decoder reads it, without dead keys."""
        return store_of(self.events[:size], self.keys, dead, self.checkpoint(size))


def store_of(
    events: Sequence[SealedEvent], keys: dict[bytes, DataKey], dead: Sequence[bytes], note: str
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    used: set[bytes] = set()
    for event in events:
        row: dict[str, Any] = {"header": event.header.decode()}
        if event.sealed is not None and event.key_id not in dead:
            row["parts"] = [part.hex() for part in (event.sealed, *event.attached)]
        if event.key_id is not None:
            used.add(event.key_id)
        rows.append(row)
    living = {key.id.hex(): key.secret.hex() for key in keys.values() if key.id in used}
    living = {
        key_id: secret for key_id, secret in living.items() if bytes.fromhex(key_id) not in dead
    }
    return {"events": rows, "keys": living, "checkpoint": note}
