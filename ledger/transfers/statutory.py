"""The statutory items of a history entry, as values, and apart from them the rest.

Source: Rules 20(1), 24(1), 28(1); order and set come from the verdict.
"""

from collections.abc import Mapping
from typing import cast

from ledger.law.items import ITEM_OF_MEMBER
from ledger.streams.history import HistoryEntry
from ledger.values import Json

# Never part of any answer to a person: commercial references and internal keys.
_INNER = frozenset({"contract_reference", "backfill", "base_record", "derived_from", "series_id"})


def statutory_items(entry: HistoryEntry) -> list[tuple[str, Json]]:
    """(item code, value) in the order of the Rules; empty without a duty."""
    return [(code, _value(code, entry)) for code in entry.verdict.statutory_items]


def _value(code: str, entry: HistoryEntry) -> Json:
    data = entry.record.data
    match code:
        case "DATE":
            return date_of(entry)
        case "COUNTERPARTY":
            return _counterparty(cast("Mapping[str, Json]", data["counterparty"]))
        case "PRINCIPAL":
            return [_principal(entry, n) for n, _ in entry.lines]
        case "ITEMS":
            return list(entry.items)
        case "CONSENT" | "ART31_CONFIRMED" | "ART31_CONSENT":
            consent = data.get("consent")
            return bool(consent["obtained"]) if isinstance(consent, dict) else None
        case "ACQUISITION":
            return data.get("acquisition")
        case "PUBLISHED":
            return data.get("opt_out_published")
        case _:
            raise AssertionError(f"no statutory item is called {code}")


def date_of(entry: HistoryEntry) -> Json:
    """The day or the period of transfer, whether the Rules ask for it or not; None: not known."""
    first, last = entry.first_day, entry.last_day
    if first is None:
        return None
    if first == last:
        return first.isoformat()
    return {"from": first.isoformat(), "to": None if last is None else last.isoformat()}


def _counterparty(data: Mapping[str, Json]) -> Json:
    if data["kind"] == "unspecified_many":
        return {"kind": "unspecified_many"}
    return {key: data[key] for key in ("name", "address", "representative") if key in data}


def _principal(entry: HistoryEntry, n: int) -> Json:
    principal = dict(entry.lines)[n].principal
    data: dict[str, Json] = {"scheme": principal.scheme, "id": principal.id}
    if principal.name is not None:
        data["name"] = principal.name
    return data


def other_items(entry: HistoryEntry) -> dict[str, Json]:
    """What the record holds besides the statutory items; not part of a reply."""
    shown = {
        key: value
        for key, value in entry.record.data.items()
        if key not in _INNER and ITEM_OF_MEMBER.get(key) not in entry.verdict.statutory_items
    }
    if "items" in shown:
        shown["items"] = list(entry.items)
    shown["recorded_on"] = entry.record.recorded_on.isoformat()
    return shown
