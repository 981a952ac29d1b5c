"""Sealed records of what is excluded under Order 11, and back: `[first, last, ground, n]`.

A look is `[first, last, n]`, or `[first, last, n, case]`, `case` being where its case began.

`n` is the index, from 0, of an act in `acts`; it is absent where no act is told.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from ledger.codec.header import instant_text
from ledger.events import (
    Act,
    Excluded,
    ExclusionEvent,
    ExclusionsSealed,
    LookedAt,
    ReviewSealed,
)
from ledger.values import Json

EXCLUSION_TYPES = frozenset({ReviewSealed.TYPE, ExclusionsSealed.TYPE})


def exclusion_parts_of(event: ExclusionEvent) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear: none, sealed record) of `event`."""
    acts: dict[Act, int] = {}
    record: dict[str, Json] = {"excluded": _out(event.excluded, acts)}
    if isinstance(event, ExclusionsSealed) and event.lifted:
        record["lifted"] = _out(event.lifted, acts)
    if isinstance(event, ExclusionsSealed) and event.looked:
        record["looked"] = [
            [one.first, one.last, acts.setdefault(one.act, len(acts)), *_case(one)]
            for one in event.looked
        ]
    if acts:
        record["acts"] = [
            {"at": instant_text(act.at), "actor": act.actor, "reason": act.reason} for act in acts
        ]
    return {}, record


def exclusion_event_of(event_type: str, record: Mapping[str, Json]) -> ExclusionEvent:
    """The event with this sealed record."""
    acts = [_act(one) for one in cast("list[dict[str, str]]", record.get("acts") or [])]
    excluded = _back(record["excluded"], acts)
    if event_type == ReviewSealed.TYPE:
        return ReviewSealed(excluded)
    looked = tuple(
        LookedAt(first, last, acts[n], *case)
        for first, last, n, *case in cast("list[list[int]]", record.get("looked") or [])
    )
    return ExclusionsSealed(excluded, _back(record.get("lifted") or [], acts), looked)


def _case(look: LookedAt) -> list[int]:
    return [] if look.case is None else [look.case]


def _out(excluded: Iterable[Excluded], acts: dict[Act, int]) -> list[Json]:
    return [
        [one.first, one.last, one.ground]
        if one.act is None
        else [one.first, one.last, one.ground, acts.setdefault(one.act, len(acts))]
        for one in excluded
    ]


def _back(listed: Json, acts: list[Act]) -> tuple[Excluded, ...]:
    found: list[Excluded] = []
    for first, last, ground, *n in cast("list[list[int | str]]", listed):
        act = acts[cast("int", n[0])] if n else None
        found.append(Excluded(cast("int", first), cast("int", last), cast("str", ground), act))
    return tuple(found)


def _act(members: Mapping[str, str]) -> Act:
    return Act(datetime.fromisoformat(members["at"]), members["actor"], members["reason"])
