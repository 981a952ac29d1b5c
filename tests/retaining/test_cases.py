"""The acceptance cases about retention, through the whole service: recorded, planned, destroyed.

All cases live in one ledger whose days pass once: on its last day a record is there after a
deletion run, on the day after it is gone.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from tests.acceptance.folders import is_own
from tests.acceptance.reading import Case, Folder
from tests.acceptance.running import outcome_of
from tests.ledger.given import data
from tests.retaining.keeper import Keeper

Act = Callable[[Keeper], None]
# After the last case of the year 2028 has ended.
LAST_DAY = date(2028, 6, 1)


class Plot:
    """What happens on which day; on one day first records, then deletion runs."""

    def __init__(self) -> None:
        self.acts: list[tuple[date, int, Act]] = []
        self.checked: set[str] = set()

    def add(self, case: Case) -> None:
        given = case.given
        self._recorded(case.id, given)
        for number, one in enumerate(given.get("dependants", [])):
            self._dependant(case.id, number, one["recorded_on"])
        until = case.expect["retain_through"]
        if until is None:
            self.acts.append((LAST_DAY, 2, partial(self._lives, key=case.id)))
            return
        last = date.fromisoformat(until)
        self.acts += [
            (last, 2, partial(self._lives, key=case.id)),
            (last + timedelta(days=1), 2, partial(self._gone, key=case.id)),
        ]

    def _lives(self, kept: Keeper, key: str) -> None:
        kept.purge()
        assert kept.lives(key), f"{key} is destroyed too early, on {kept.today}"
        self.checked.add(f"{key} lives")

    def _gone(self, kept: Keeper, key: str) -> None:
        kept.purge()
        assert not kept.lives(key), f"{key} is still there on {kept.today}"
        self.checked.add(f"{key} gone")

    def _at(self, day: str, key: str, content: dict[str, Any]) -> None:
        self.acts.append((date.fromisoformat(day), 1, partial(_record, key=key, content=content)))

    def _recorded(self, key: str, given: Mapping[str, Any]) -> None:
        common: dict[str, Any] = {"method": given["method"]}
        if given.get("basis") == "opt_out_27_2":
            common |= {"basis": "opt_out_27_2", "notice_id": "OPT-OUT", "consent": None}
        for member in ("contract_missing_items", "supply_to_principal"):
            if member in given:
                common[member] = given[member]
        if given["method"] == "contract":
            common["contract_reference"] = "契約第1号"
        series = given.get("series")
        if series is not None:
            self._series(key, common, series)
            return
        days = ("transferred_on", "last_transferred_on", "recorded_on")
        day = next(str(given[member]) for member in days if member in given)
        made = str(given.get("recorded_on", day))
        common |= {"transferred_on": day, "recorded_on": made}
        if given["method"] == "collective":
            common |= {"series_id": f"S-{key}", **self._closing(day)}
        self._at(max(made, day), key, data(key, **common))

    def _series(self, key: str, common: dict[str, Any], series: Mapping[str, Any]) -> None:
        *days, last = series["provisions"]
        common |= {"series_id": f"S-{key}"}
        for number, day in enumerate(days):
            name = key if number == 0 else f"{key}-{number}"
            content = data(key, **common, transferred_on=day)
            self._at(day, name, content)
        closing = {"transferred_on": last} if series["open"] else self._closing(last)
        name = f"{key}-last" if days else key
        self._at(last, name, data(key, **(common | closing)))

    def _closing(self, last: str) -> dict[str, Any]:
        return {"transferred_on": None, "transferred_from": last, "transferred_to": last}

    def _dependant(self, base: str, number: int, day: str) -> None:
        content = data(
            base,
            transferred_on=day,
            recorded_on=day,
            base_record=base,
            omitted_items=["COUNTERPARTY"],
        )
        self._at(day, f"{base}-dependant-{number}", content)


def _record(kept: Keeper, key: str, content: dict[str, Any]) -> None:
    kept.record(key, content)


def cases_of(folder: Folder) -> list[Case]:
    return [case for case in folder.running if case.kind == "retention"]


def test_every_case_of_retention_lives_to_its_last_day_and_no_longer(
    kept: Keeper, folder: Folder, request: pytest.FixtureRequest
) -> None:
    plot = Plot()
    cases = cases_of(folder)
    for case in cases:
        plot.add(case)
    for day, _, act in sorted(plot.acts, key=lambda one: (one[0], one[1])):
        kept.on(day)
        act(kept)
    expected = {f"{case.id} lives" for case in cases}
    expected |= {f"{case.id} gone" for case in cases if case.expect["retain_through"]}
    assert plot.checked == expected
    assert len(expected) >= 40 or not is_own(request.config)


def test_the_cases_expect_what_the_policy_says(folder: Folder) -> None:
    cases = cases_of(folder)
    assert all(outcome_of(case)["retain_through"] for case in cases if "series" not in case.given)
