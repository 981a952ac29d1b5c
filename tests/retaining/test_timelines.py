"""The timelines of the acceptance cases that speak of deletion runs and need no disclosure case.

A `purge` step is a plan and then the expiry, at that instant; the days before it make their plans.
Beside them the omission whose base a deletion run has destroyed, and the cases of holds, which the
public cases do not have.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from ledger.clock import day_in_japan
from projections.histories import HistoryPage
from tests.acceptance.folders import folder_of, omissions, purges
from tests.acceptance.reading import OWN_FOLDER, Case, first_keys, read_folder
from tests.database import Database
from tests.retaining.desk import received
from tests.retaining.keeper import Keeper, keeper
from tests.retaining.test_holds_and_copies import correct
from tests.retaining.test_unnamed_copies import link, unlink


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = folder_of(metafunc.config)
    for name, cases in (("timeline", purges(folder)), ("omission", omissions(folder))):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases, ids=[case.id for case in cases])


def _day(instant: str) -> date:
    return day_in_japan(datetime.fromisoformat(instant))


def _purged(kept: Keeper) -> list[str]:
    before = kept.living()
    kept.purge()
    return sorted(before - kept.living())


def _told(kept: Keeper, case: Case) -> list[dict[str, Any]]:
    """The purges, each with the keys of the records that it destroyed: of a series the first."""
    purges: list[dict[str, Any]] = []
    holds: dict[str, UUID] = {}
    records = first_keys(case.given["steps"])
    for step in case.given["steps"]:
        kept.on(_day(step["at"]))
        match step["do"]:
            case "record":
                kept.record(step["key"], step["transfer"])
            case "correct":
                correct(kept, step["key"], step["set"])
            case "purge":
                purged = {records[key] for key in _purged(kept)}
                purges.append({"at": step["at"], "purged": sorted(purged)})
            case "link":
                link(kept, step["a"]["id"], step["b"]["id"])
            case "unlink":
                unlink(kept, step["a"]["id"], step["b"]["id"])
            case "hold":
                holds[step["hold"]] = kept.hold(step["reason"], step["principal"]["id"])
            case "release":
                kept.release(holds[step["hold"]])
            case other:
                # A request for erasure changes no record that must be kept (Act 35), neither way.
                assert other == "erasure_request"
                received(kept, step["principal"]["id"], kind="utilization_cease")
    return purges


def test_a_timeline_destroys_what_it_expects_and_when(database: Database, timeline: Case) -> None:
    with keeper(database) as kept:
        assert _told(kept, timeline) == timeline.expect["purges"]


def test_the_timelines_are_there() -> None:
    own = read_folder(OWN_FOLDER)
    assert {"D20", "D21"} <= {case.id for case in purges(own)}
    assert {"C07-1", "C08"} <= {case.id for case in omissions(own)}


def test_an_omission_is_judged_by_what_is_still_there_of_its_base(
    database: Database, omission: Case
) -> None:
    case = omission
    with keeper(database) as kept:
        for earlier in case.given.get("earlier", []):
            content = earlier["transfer"]
            kept.on(_made(content))
            kept.record(earlier["key"], content)
            if earlier.get("purged_on"):
                kept.on(earlier["purged_on"])
                assert _purged(kept) == [earlier["key"]]
        content = case.given["transfer"]
        kept.on(_made(content))
        kept.record("asked", content)
        [shown] = [
            entry
            for entry in _page(kept, content).entries
            if entry.transfer == kept.transfers["asked"]
        ]
        verdict = shown.verdict
        assert sorted(verdict.findings) == sorted(case.expect["findings"])
        assert verdict.lawful == case.expect["lawful"]
        assert str(verdict.retain_through) == case.expect["retain_through"]
        # The base lives as long as the record that omits its items (Rule 20(2)).
        for earlier in case.given.get("earlier", []):
            if not earlier.get("purged_on"):
                kept.on(case.expect["retain_through"])
                assert _purged(kept) == []
                kept.on(case.expect["deletable_from"])
                assert _purged(kept) == sorted([earlier["key"], "asked"])


def _made(content: dict[str, Any]) -> str:
    days = ("recorded_on", "transferred_on", "transferred_to", "transferred_from")
    return next(str(content[day]) for day in days if content.get(day))


def _page(kept: Keeper, content: dict[str, Any]) -> HistoryPage:
    kept.inside.follow()
    return kept.inside.page(content["principals"][0]["id"])


def test_a_hold_keeps_a_persons_records_past_their_day_until_it_is_released(kept: Keeper) -> None:
    kept.on("2024-02-28")
    kept.sent("held", "P1")
    kept.sent("free", "P2")
    hold = kept.hold("訴訟のため", "P1")
    kept.on("2027-02-28")
    assert _purged(kept) == []
    kept.on("2027-03-01")
    assert _purged(kept) == ["free"]
    kept.on("2027-06-01")
    assert _purged(kept) == []
    assert [one.transfer for one in kept.inside.page("P1").entries] == [kept.transfers["held"]]
    kept.release(hold)
    assert _purged(kept) == []
    kept.on("2027-06-02")
    assert _purged(kept) == ["held"]


def test_a_hold_on_one_transfer_keeps_that_one(kept: Keeper) -> None:
    kept.on("2024-02-28")
    held = kept.sent("held", "P1")
    kept.sent("free", "P1")
    kept.hold("監査のため", transfer=held)
    kept.on("2027-03-01")
    assert _purged(kept) == ["free"]
    assert [one.transfer for one in kept.inside.page("P1").entries] == [held]
