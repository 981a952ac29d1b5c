"""What the steps send: transfers and notices as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.oracle import steps

_OWN = Path(__file__).parents[1] / "acceptance/notices.json"


def joint_use() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Members of the notice, its first version, and a second one with one more purpose."""
    notices = json.loads(_OWN.read_bytes())["notices"]
    notice = next(one for one in notices if one["kind"] == "joint_use")
    first = notice["versions"][0]
    later = {
        **first,
        "version": "later",
        "in_force_from": "2026-04-01",
        "published_on": "2026-03-20",
        "purposes": [*first["purposes"], {"code": "⑨", "label": "新しい目的"}],
    }
    members = {key: value for key, value in notice.items() if key != "versions"}
    return {**members, "notice_id": "JOINT-USE"}, first, later


def filing(start: str, items: list[str]) -> dict[str, Any]:
    return {
        "notice_id": "OPT-OUT",
        "kind": "opt_out",
        "available_from": start,
        "filed_on": start,
        "start_planned": start,
        "items": items,
    }


def principals_of(people: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for who, name in people:
        scheme, identifier = steps.PEOPLE[who]
        one: dict[str, Any] = {"scheme": scheme, "id": identifier}
        if steps.NAMES[name] is not None:
            one["name"] = steps.NAMES[name]
        found.append(one)
    return found


def data_of(step: steps.Record) -> dict[str, Any]:
    day = steps.DAYS[step.day].isoformat()
    data: dict[str, Any] = {
        "method": "individual",
        "transferred_on": day,
        "counterparty": steps.PARTIES[step.party],
        "items": steps.ITEMS[step.items],
        "principals": principals_of(step.people),
        **steps.BASES[step.basis],
    }
    if step.base is not None:
        data |= {"base_record": f"t{step.base}", "omitted_items": ["COUNTERPARTY"]}
    if step.series is not None:
        which, how = step.series
        data |= {"series_id": f"S{which}", "method": "collective"}
        match how:
            case 0 | 1:
                pass
            case 2:
                del data["transferred_on"]
                data |= {"transferred_from": day, "transferred_to": None}
            case 3:
                del data["transferred_on"]
                data |= {"transferred_from": day, "transferred_to": "2026-05-20"}
            case _:
                del data["transferred_on"]
                data |= {
                    "date_not_recorded": True,
                    "backfill": {"source_system": "旧台帳", "batch": "1"},
                }
    return data
