"""Days of keys that are changed in the database while a run of retention is on its way.

Attack: whoever has the login of the purger may change the day of an object's key. It is moved into
the past behind the ledger's own look at days, for the plan and for the expiry, so that the ledger
itself destroys what lives, with proof and in the journal.

Held off by: an object's day is judged once more, by what the log says, before its key dies; the row
counts for nothing then.
"""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from ledger.commands import LinkIdentifiers, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.retention.expiry_queries import DueKey, ExpiryQueries
from tests.database import Database
from tests.ledger.given import ACTOR, data, person
from tests.retaining.keeper import Keeper, keeper

_SET = "UPDATE ledger.data_keys SET day = %s WHERE key_class = ANY(%s)"
_RESET = "UPDATE ledger.data_keys SET day = %s WHERE key_id = %s"
_DAYS = "SELECT key_id, day FROM ledger.data_keys WHERE key_class = ANY(%s) ORDER BY 1"


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with keeper(database) as kept:
        kept.on("2026-04-30")
        kept.record("series", data("P1", method="collective", series_id="S1"))
        ledger, now = kept.inside.ledger, kept.inside.now
        stop = ReceiveDirective(random_uuid(), ACTOR, person("P9"), "consent_withdrawn", kept.today)
        ledger.direct(stop, now)
        ledger.link(LinkIdentifiers(random_uuid(), ACTOR, person("P7"), person("P8"), "同一"), now)
        kept.inside.follow()
        yield kept


@pytest.mark.parametrize("attacked", ["series", "directive", "link"])
def test_a_day_that_is_moved_behind_the_ledgers_back_destroys_nothing(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch, attacked: str
) -> None:
    kept.on("2026-05-02")
    kept.inside.follow()
    calls = moved = 0
    with psycopg.connect(kept.inside.database.urls.purger, autocommit=True) as purger:
        query = ExpiryQueries.due
        days = purger.execute(_DAYS, ([attacked],)).fetchall()

        def due(self: ExpiryQueries, *given: date) -> list[DueKey]:
            nonlocal calls, moved
            calls += 1
            # By the first answer of a command days move; by the second one keys die.
            for day in (None, date(2020, 1, 1)) if calls % 2 == 0 else ():
                # Never to an earlier day, says the trigger; two statements evade it.
                moved += purger.execute(_SET, (day, [attacked])).rowcount
            return query(self, *given)

        monkeypatch.setattr(ExpiryQueries, "due", due)
        kept.plan()
        for key_id, day in days:
            # A row that has another day than it was wrapped with does not open, and stops a run.
            purger.execute(_RESET, (None, key_id))
            purger.execute(_RESET, (day, key_id))
        report = kept.expire()
        left = purger.execute(_DAYS, ([attacked],)).fetchall()
    assert moved == 4
    assert [one for one, _ in left] == [one for one, _ in days]
    assert not report.expired
    assert kept.living() == {"series"}
