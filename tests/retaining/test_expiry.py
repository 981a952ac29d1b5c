"""Two steps: what a plan names dies on its day; and by which clock."""

from datetime import date, timedelta

import psycopg
import pytest
from typing_extensions import override

from ledger.commands import LinkIdentifiers, ReceiveDirective, ViewHistory
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ClockAheadError, Defect
from ledger.format.events import ExpiryPlanned
from ledger.quarantine.service import MalformedItem, Quarantine
from ledger.retention.days import STATES_MAX
from ledger.retention.expiry_queries import ExpiryQueries, SeriesFacts
from ledger.store.keys import KeyRows
from tests.ledger.given import ACTOR, data, person
from tests.retaining.keeper import Keeper, retaining

DAY = "2024-04-01"
AFTER = date(2027, 4, 2)


def classes(kept: Keeper) -> list[str]:
    """The classes of the keys that live."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute("SELECT key_class FROM ledger.data_keys ORDER BY key_class")
        return [row[0] for row in rows]


def test_what_no_plan_names_does_not_die(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(AFTER - timedelta(days=20))
    kept.plan()
    kept.on(AFTER - timedelta(days=18))
    kept.clock_says(AFTER - timedelta(days=17))  # a standstill without plans
    kept.plan()
    report = kept.retaining.expire(kept.inside.now, ACTOR)
    assert report.expired == ()
    assert kept.lives("a")


def test_a_plan_names_what_is_due_within_the_window_and_kills_nothing(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(AFTER - timedelta(days=15))
    early = kept.plan()
    kept.on(AFTER - timedelta(days=13))
    named = kept.plan()
    assert isinstance(named.planned, ExpiryPlanned)
    assert early.planned is not None
    assert (len(early.planned.keys), len(named.planned.keys)) == (0, 1)
    assert named.planned.counts["events"] == 1
    assert kept.expire().expired == ()
    assert kept.lives("a")


def test_with_notice_only_what_was_named_long_enough_ago_dies(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(AFTER - timedelta(days=11))
    kept.plan()
    kept.on(AFTER)
    late = kept.retaining.expire(kept.inside.now, ACTOR, notice=timedelta(days=365))
    assert (late.expired, len(late.unnamed)) == ((), 1)
    kept.retaining.expire(kept.inside.now, ACTOR, notice=timedelta(days=10))
    assert not kept.lives("a")
    assert kept.inside.record("a").status == "duplicate_expired"


def test_a_clock_that_jumps_two_years_destroys_nothing_and_says_so(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on("2025-04-01")
    kept.plan()
    kept.clock_says(date(2027, 5, 1))  # the jump
    with pytest.raises(ClockAheadError):
        kept.plan()
    with pytest.raises(ClockAheadError):
        kept.expire()
    # A transfer by the wrong clock bears no witness.
    kept.sent("b", "P1")
    with pytest.raises(ClockAheadError):
        kept.plan()
    with pytest.raises(ClockAheadError):
        kept.expire()
    assert kept.living() == {"a", "b"}


def test_a_person_who_vouches_for_the_clock_ends_a_standstill(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.clock_says(AFTER)  # the service was off
    kept.inside.follow()
    report = kept.plan(confirmed=True)
    assert report.planned is not None
    assert report.planned.confirmed
    kept.expire()
    assert not kept.lives("a")


def test_a_clock_that_is_set_back_destroys_nothing(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    kept.on(AFTER)
    kept.plan()
    kept.clock_says(date(2027, 3, 1))  # set back
    assert kept.expire().expired == ()
    assert kept.lives("a")


def test_links_and_stops_die_with_the_last_record_of_the_person(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    now = kept.inside.now
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "会員台帳")
    kept.inside.ledger.link(link, now)
    stop = ReceiveDirective(random_uuid(), ACTOR, person("P2"), "opt_out_stop", date(2024, 4, 1))
    kept.inside.ledger.direct(stop, now)
    kept.on("2026-04-01")
    kept.sent("b", "P2")
    kept.on(AFTER)
    kept.purge()
    assert {"link", "directive"} <= set(classes(kept))
    kept.on("2029-04-01")
    kept.purge()
    assert {"link", "directive"} <= set(classes(kept))
    kept.on("2029-04-02")
    kept.purge()
    assert not {"link", "directive", "record"} & set(classes(kept))
    with psycopg.connect(kept.inside.database.admin) as admin:
        assert admin.execute(
            "SELECT count(*) FROM ledger.lookups WHERE kind IN ('link','pair','directive')"
        ).fetchone() == (0,)


def test_a_stop_that_comes_before_any_record_stands_for_three_years(kept: Keeper) -> None:
    kept.on(DAY)
    stop = ReceiveDirective(random_uuid(), ACTOR, person("P9"), "opt_out_stop", date(2024, 4, 1))
    kept.inside.ledger.direct(stop, kept.inside.now)
    kept.on("2027-03-31")
    kept.purge()
    assert "directive" in classes(kept)
    kept.on("2027-04-01")
    kept.purge()
    assert "directive" not in classes(kept)


def test_looks_die_after_three_years_and_rejected_items_after_ninety_days(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    view = ViewHistory(random_uuid(), ACTOR, "2024-1", (person("P1"),), 1, 1, "調査")
    kept.inside.ledger.view(view, kept.inside.now)
    house = kept.inside.house
    quarantine = Quarantine(house.writer, house.keys, house.secret)
    defect = Defect("/items", "SCHEMA", "name the items")
    quarantine.keep([MalformedItem({"id": "CANARY"}, None, (defect,))], kept.inside.now)
    kept.on("2024-06-29")
    kept.purge()
    assert len(quarantine.page(None, 10).items) == 1
    kept.on("2024-06-30")
    kept.purge()
    assert quarantine.page(None, 10).items == ()
    with psycopg.connect(kept.inside.database.admin) as admin:
        assert admin.execute("SELECT count(*) FROM ledger.quarantine").fetchone() == (0,)
    kept.on("2028-01-05")
    kept.purge()
    assert "access" not in classes(kept)


def test_a_log_without_a_duty_in_a_series_is_kept_as_if_it_were_alone(kept: Keeper) -> None:
    kept.on("2024-06-01")
    log = {"basis": "entrustment_27_5_i", "consent": None, "purpose": "委託"}
    message = {**log, "method": "collective", "series_id": "S", "recorded_on": "2024-05-01"}
    period = {"transferred_on": None, "transferred_from": "2022-06-01"}
    kept.sent("1", "P1", **message, transferred_on="2022-06-01")
    kept.sent("2", "P1", **message, **period, transferred_to="2022-06-01")
    kept.on("2027-05-01")
    kept.purge()
    assert kept.living() == {"1", "2"}
    kept.on("2027-05-02")
    kept.purge()
    assert kept.living() == set()


def test_the_register_is_kept_while_a_hold_or_a_notice_in_it_stands(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    hold = kept.hold("訴訟", "P1")
    kept.on("2034-12-31")
    kept.purge()
    assert kept.living() == {"a"}
    kept.release(hold)
    kept.on("2035-01-03")
    report = kept.purge()
    assert kept.living() == set()
    assert report.kept == ()


class Counting(ExpiryQueries):
    """Counts how often one series is asked about by itself."""

    asked = 0

    @override
    def series_facts(self, key_id: bytes) -> SeriesFacts:
        self.asked += 1
        return super().series_facts(key_id)


def test_what_is_open_is_looked_at_many_at_a_time(kept: Keeper) -> None:
    kept.on(DAY)
    house = kept.inside.house
    queries = house.expiry_queries = Counting(
        house.reader, KeyRows(house.reader, house.secret.row_mac)
    )
    kept.retaining = retaining(kept.inside, kept.inside.follow)
    series = {"method": "collective", "transferred_on": None, "transferred_from": DAY}
    for number in range(STATES_MAX + 1):
        kept.record(f"o{number}", {**data(f"P{number}", **series), "transferred_to": None})
        kept.sent(f"m{number}", f"P{number}", method="collective", series_id=f"S{number}")
    kept.plan()
    assert queries.asked == 0
    kept.sent("c0", "P0", series_id="S0", **series, transferred_to=DAY)
    kept.plan()
    assert queries.asked == 1
