"""Reads the golden files as data, for tests of both readers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ledger.crypto.keys import DataKey
from ledger.format.decoder import open_document, open_event
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.header import read_header
from tests.format.independent_decoder import Reader

GOLDEN = Path(__file__).parent / "golden"


@cache
def golden(name: str) -> Any:  # noqa: ANN401 -- JSON
    return json.loads((GOLDEN / name).read_text("utf-8"))


def reader() -> Reader:
    ledger = golden("ledger.json")
    return Reader(golden("types.json"), ledger["ledger"], ledger["vkey"])


def store(name: str) -> dict[str, Any]:
    """The golden ledger `before` or `after` a key died."""
    ledger = golden("ledger.json")
    chosen = ledger["stores"][name]
    events: list[dict[str, Any]] = []
    for event in ledger["events"][: chosen["size"]]:
        kept = {"header": event["header"]}
        if "parts" in event and json.loads(event["header"])["sealed"]["key"] not in chosen["dead"]:
            kept["parts"] = event["parts"]
        events.append(kept)
    keys = {key["id"]: key["secret"] for key in ledger["keys"] if key["id"] not in chosen["dead"]}
    return {"events": events, "keys": keys, "checkpoint": chosen["checkpoint"]}


def broken_store(number: int) -> dict[str, Any]:
    file = golden("broken.json")
    fault = file["stores"][number]
    return {**fault, "events": [file["events"][n] for n in fault["events"]]}


def faults_of_stores() -> list[tuple[int, str]]:
    return [(n, fault["desc"]) for n, fault in enumerate(golden("broken.json")["stores"])]


# -- reads a golden store with the product's own codec, event by event -----------------------------


def keys_of(store: dict[str, Any]) -> dict[bytes, DataKey]:
    return {
        bytes.fromhex(key_id): DataKey(bytes.fromhex(key_id), bytes.fromhex(secret), "record", None)
        for key_id, secret in store["keys"].items()
    }


def facts_of(store: dict[str, Any]) -> list[StoredFact]:
    """The rows as the store would hold them: columns come from the headers.

    Raises:
        CorruptRecordError: a header is broken.
    """
    facts: list[StoredFact] = []
    for position, event in enumerate(store["events"], 1):
        text = event["header"].encode()
        sealed = bytes.fromhex(event["parts"][0]) if "parts" in event else None
        header = read_header(text)
        facts.append(StoredFact(position, header.stream, header.version, header.type, text, sealed))
    return facts


def opened(store: dict[str, Any], ledger: str, *, verify: bool = True) -> list[OpenEvent]:
    """Every event; copies are checked against their original's header."""
    keys = keys_of(store)
    found: list[OpenEvent] = []
    for fact, event in zip(facts_of(store), store["events"], strict=True):
        header = read_header(fact.header)
        copies = header.copies
        original = None
        if copies is not None:
            original = read_header(store["events"][copies.position - 1]["header"].encode())
        found.append(open_event(fact, keys, ledger, verify=verify, original=original))
        for n, sealed in enumerate(event.get("parts", [])[1:]):
            open_document(header, keys[header.sealed_key or b""], n, bytes.fromhex(sealed))
    return found
