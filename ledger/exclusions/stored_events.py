"""Sealed records of what is excluded under Order 11, and back.

An entry is `[first, last, ground, principal]` or `[first, last, ground, principal, n]`: `principal`
is a principal key as hex, or empty for every person of the records; `n` is the index, from 0, of an
act in `acts`, absent where no act is told. A look is `[first, last, n]`, or `[first, last, n,
case]`, `case` being where its case began.

A record without `v` is of version 1: its entries are `[first, last, ground]` or `[first, last,
ground, n]`, and stand for every person.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, cast

from ledger.errors import CorruptRecordError
from ledger.format.events import (
    AccessedRange,
    ExcludedRange,
    ExclusionAct,
    ExclusionEvent,
    ExclusionsSealed,
    ReviewSealed,
)
from ledger.format.header import instant_text
from ledger.values import Json

VERSION: Final = 2
"""Of the sealed record."""
_ENTRIES: Final = ("excluded", "lifted", "unmarked", "pending")
_KEY_BYTES: Final = 16


def exclusion_parts_of(event: ExclusionEvent) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear: none, sealed record) of `event`."""
    acts: dict[ExclusionAct, int] = {}
    record: dict[str, Json] = {"v": VERSION, "excluded": _out(event.excluded, acts)}
    if event.unmarked:
        record["unmarked"] = _out(event.unmarked, acts)
    if isinstance(event, ExclusionsSealed) and event.lifted:
        record["lifted"] = _out(event.lifted, acts)
    if isinstance(event, ExclusionsSealed) and event.pending:
        record["pending"] = _out(event.pending, acts)
    if isinstance(event, ExclusionsSealed) and event.looked:
        record["looked"] = [
            [one.first, one.last, acts.setdefault(one.act, len(acts)), *_case(one)]
            for one in event.looked
        ]
    if acts:
        record["acts"] = [_act_members(act) for act in acts]
    return {}, record


def exclusion_event_of(event_type: str, record: Mapping[str, Json]) -> ExclusionEvent:
    """The event with this sealed record, of whatever version.

    Raises:
        CorruptRecordError: its version is a later one, or a principal is no principal key.
    """
    record = _upcast(record)
    acts = [_act(one) for one in cast("list[dict[str, Json]]", record.get("acts") or [])]
    excluded, lifted, unmarked, pending = (_back(record.get(one) or [], acts) for one in _ENTRIES)
    if event_type == ReviewSealed.TYPE:
        return ReviewSealed(excluded, unmarked)
    accesses = tuple(
        AccessedRange(first, last, acts[n], *case)
        for first, last, n, *case in cast("list[list[int]]", record.get("looked") or [])
    )
    return ExclusionsSealed(excluded, lifted, accesses, unmarked, pending)


def _upcast(record: Mapping[str, Json]) -> Mapping[str, Json]:
    """The record in the newest version: one of version 1 hides from every person."""
    if record.get("v") == VERSION:
        return record
    if "v" in record:
        raise CorruptRecordError("the exclusions are of a version that is not known here")
    found = dict(record)
    for name in _ENTRIES:
        entries = cast("list[list[Json]] | None", record.get(name))
        if entries is not None:
            found[name] = [[*one[:3], "", *one[3:]] for one in entries]
    return found


def _case(access: AccessedRange) -> list[int]:
    return [] if access.case is None else [access.case]


def _out(excluded: Iterable[ExcludedRange], acts: dict[ExclusionAct, int]) -> list[Json]:
    return [
        [
            *(one.first, one.last, one.ground),
            "" if one.principal is None else one.principal.hex(),
            *(() if one.act is None else (acts.setdefault(one.act, len(acts)),)),
        ]
        for one in excluded
    ]


def _back(listed: Json, acts: list[ExclusionAct]) -> tuple[ExcludedRange, ...]:
    found: list[ExcludedRange] = []
    for first, last, ground, principal, *n in cast("list[list[int | str]]", listed):
        act = acts[cast("int", n[0])] if n else None
        key = _key(cast("str", principal))
        found.append(
            ExcludedRange(cast("int", first), cast("int", last), cast("str", ground), act, key)
        )
    return tuple(found)


def _key(text: str) -> bytes | None:
    if not text:
        return None
    found = bytes.fromhex(text)
    if len(found) != _KEY_BYTES:
        raise CorruptRecordError("a principal key has 16 bytes")
    return found


def _act_members(act: ExclusionAct) -> dict[str, Json]:
    members: dict[str, Json] = {
        "at": instant_text(act.at),
        "actor": act.actor,
        "reason": act.reason,
    }
    if act.requested is not None:
        members["requested"] = _act_members(act.requested)
    if act.since is not None:
        members["since"] = instant_text(act.since)
    return members


def _act(members: Mapping[str, Json]) -> ExclusionAct:
    at, actor, reason = (cast("str", members[one]) for one in ("at", "actor", "reason"))
    requested = cast("dict[str, Json] | None", members.get("requested"))
    first = None if requested is None else _act(requested)
    since = cast("str | None", members.get("since"))
    begin = None if since is None else datetime.fromisoformat(since)
    return ExclusionAct(datetime.fromisoformat(at), actor, reason, first, begin)
