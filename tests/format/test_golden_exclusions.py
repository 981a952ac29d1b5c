"""Both versions of what is excluded under Order 11, read by both readers."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.exclusions.stored_events import exclusion_parts_of
from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import fact_of
from ledger.format.events import ExcludedRange, ExclusionAct, ExclusionsSealed, ReviewSealed
from tests.format.golden_files import golden, reader
from tests.format.own_reader import opened

FILE = golden("exclusions.json")
NAMES: list[str] = FILE["names"]
LISTS = ("excluded", "lifted", "unmarked", "pending")


def own(name: str) -> OpenEvent:
    return opened(FILE["store"], "golden")[NAMES.index(name)]


def independent(name: str) -> dict[str, Any]:
    return reader().read_ledger(FILE["store"])[NAMES.index(name) + 1]["record"]


def hidden(record: dict[str, Any], what: str) -> Iterator[tuple[int, str, str, int | None]]:
    """(position, ground, for whom, act), by the words of the format alone."""
    for first, last, ground, *rest in record.get(what, []):
        whom, *act = rest if record.get("v") == 2 else ("", *rest)
        for position in range(first, last + 1):
            yield position, ground, whom, act[0] if act else None


def told(
    entry: ExcludedRange, acts: list[ExclusionAct]
) -> Iterator[tuple[int, str, str, int | None]]:
    whom = "" if entry.principal is None else entry.principal.hex()
    for position in range(entry.first, entry.last + 1):
        act = None if entry.act is None else acts.index(entry.act)
        yield position, entry.ground, whom, act


@pytest.mark.parametrize("name", NAMES)
def test_both_readers_say_of_the_golden_events_what_is_hidden_from_whom(name: str) -> None:
    read, event = independent(name), fact_of(own(name)).event
    assert isinstance(event, ExclusionsSealed | ReviewSealed)
    entries = {what: getattr(event, what, ()) for what in LISTS}
    given = read.get("acts", [])
    acts = [one.act for found in entries.values() for one in found if one.act is not None]
    known = [next(act for act in acts if act.reason == one["reason"]) for one in given]
    for what, found in entries.items():
        ours = [one for entry in found for one in told(entry, known)]
        assert ours == list(hidden(read, what)), what
    for act, one in zip(known, given, strict=True):
        first = one.get("requested")
        assert (act.actor, act.requested and act.requested.actor) == (
            one["actor"],
            first and first["actor"],
        )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_anew_is_of_the_second_version_and_says_the_same(name: str) -> None:
    event = fact_of(own(name)).event
    assert isinstance(event, ExclusionsSealed | ReviewSealed)
    _, record = exclusion_parts_of(event)
    assert record["v"] == 2
    if "version 2" in name:
        assert record == independent(name)


def test_the_golden_events_have_one_size() -> None:
    sizes = {len(event["parts"][0]) // 2 for event in FILE["store"]["events"]}
    assert sizes == {8_192 + 28}
