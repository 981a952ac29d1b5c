"""Reads the golden files as data, for tests of both readers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

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
