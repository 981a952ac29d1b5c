"""The members of events are stored under names that never change.

A new event or member adds to `golden/members.json`; nothing in it is changed or taken away.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from ledger.format.event_parts import CLASSES, FLAT, OVERRIDES, stored_name

GOLDEN = Path(__file__).with_name("golden") / "members.json"
OWN_FORM = {"exclusions-sealed", "review-sealed"}
"""Their entries are arrays (`ledger.exclusions.stored_events`)."""
OF_TRANSFERS = "ledger.transfers.events"
BESIDE = {"records-expired", "record-carried-forward"}
"""They have nothing sealed."""


def classes_in(hint: object) -> Iterator[type[Any]]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for one in get_args(hint):
        yield from classes_in(one)


def members(cls: type[Any]) -> dict[str, Any]:
    """Name of each member as it is stored → the members of the values in it."""
    found: dict[str, Any] = {}
    hints = get_type_hints(cls)
    for one in fields(cls):
        override = OVERRIDES.get(cls, {}).get(one.name)
        if override is not None and override.omit:
            continue
        inner = {k: v for each in classes_in(hints[one.name]) for k, v in members(each).items()}
        found |= inner if FLAT.get(cls) == one.name else {stored_name(cls, one): inner}
    return found


def test_every_stored_member_is_called_as_it_always_was() -> None:
    settled = {"transfer-retracted", "transfer-findings-settled"}
    now = {
        name: members(cls)
        for name, cls in CLASSES.items()
        if name not in OWN_FORM | BESIDE
        and (cls.__module__ != OF_TRANSFERS or name.startswith("series") or name in settled)
    }
    assert now == json.loads(GOLDEN.read_text("utf-8"))
