"""A ledger in which a purge has much of everything to do."""

from datetime import date, timedelta
from typing import Any, Final

from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, LinkIdentifiers, ReceiveDirective, ViewHistory
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import Defect
from ledger.quarantine.service import MalformedItem, Quarantine
from tests.ledger.given import ACTOR, data, person
from tests.retaining.keeper import Keeper
from tests.retaining.purging import AT
from tests.retaining.test_unnamed_copies import link, unlink

BEGIN: Final = date(2024, 1, 2)
DAYS: Final = 120
"""So many records die on a day of their own each, all before the purge."""

RECORDED: Final = BEGIN + timedelta(days=DAYS + 30)
"""What is recorded on this day lives on after the purge."""
PEOPLE: Final = tuple([f"P{n}" for n in range(10)] + [f"Q{n}" for n in range(7)])
OTHERS: Final = ("LIVES", "S1", "S2", "L1", "L2", "NO-DUTY", "H1", "H2")
EVERYBODY: Final = PEOPLE + OTHERS


def fill(kept: Keeper) -> None:
    """Record it, and let the days pass until the plan before the purge."""
    _named_for_a_while(kept)
    kept.clock_says(RECORDED)
    _records(kept)
    _what_keeps(kept)
    _objects(kept)
    _aside(kept)
    unlink(kept, "H1", "H2")
    kept.inside.follow()
    # The daily job destroys what was named a fortnight ago.
    kept.on(day_in_japan(AT) - timedelta(days=18))
    kept.every_day_to(day_in_japan(AT) - timedelta(days=2))
    # Closed after the plan: the day of its key moves in the run that dies.
    late = kept.today.isoformat()
    kept.sent("late", "S2", **_series("S-LATE"), transferred_from=late, transferred_to=late)
    kept.inside.follow()


def _named_for_a_while(kept: Keeper) -> None:
    """Copies for a hold of which some are named no more on the day of the purge."""
    kept.clock_says(RECORDED - timedelta(days=40))
    day = (kept.today - timedelta(days=365 * 3)).isoformat()
    for key, who in (("h1", ["H1"]), ("h2", ["H2"]), ("h3", ["H1", "H2"])):
        kept.sent(key, *who, recorded_on=day, transferred_on=day)
    link(kept, "H1", "H2")
    kept.hold("訴訟", "H1")
    kept.on(RECORDED - timedelta(days=9))
    assert kept.purge().carried == 3


def _records(kept: Keeper) -> None:
    commands = {
        f"r{n}": _made_on(BEGIN + timedelta(days=n), f"P{n % 10}", f"Q{n % 7}") for n in range(DAYS)
    }
    asked = [kept.inside.asked(key, content) for key, content in commands.items()]
    for key, outcome in zip(commands, kept.inside.send(asked), strict=True):
        assert outcome.status == "recorded"
        kept.transfers[key] = outcome.transfer
    kept.witnessed = kept.today


def _what_keeps(kept: Keeper) -> None:
    """Holds, dependants, corrections: reasons for copies of what dies."""
    kept.sent("lives", "LIVES", "P1")
    for base in ("r3", "r50"):
        kept.sent(f"after-{base}", "LIVES", base_record=base, omitted_items=["COUNTERPARTY"])
    kept.sent("chain", "LIVES", base_record="after-r3", omitted_items=["COUNTERPARTY"])
    for base, day in (("r7", kept.today), ("r60", BEGIN + timedelta(days=70))):
        changes: dict[str, Any] = {"recorded_on": day.isoformat(), "items": ["氏名"]}
        command = CorrectTransfer(random_uuid(), ACTOR, kept.transfers[base], changes, "誤り")
        kept.inside.ledger.correct(command, kept.inside.now)
    kept.hold("訴訟", "P1")
    kept.hold("調査", "Q2", "P4")
    kept.hold("監査", transfer=kept.transfers["r20"])
    kept.release(kept.hold("終わった件", "P5"))


def _objects(kept: Keeper) -> None:
    """Series, links, stops: keys of objects, whose days move."""
    first, last = BEGIN.isoformat(), (BEGIN + timedelta(days=9)).isoformat()
    now = kept.inside.now
    kept.clock_says(BEGIN + timedelta(days=20))
    early = kept.inside.now
    kept.sent("s1", "S1", **_series("S-DIES"), transferred_from=first, transferred_to=last)
    kept.sent("linked", "L1", recorded_on=first, transferred_on=first)
    link = LinkIdentifiers(random_uuid(), ACTOR, person("L1"), person("L2"), "会員台帳")
    kept.inside.ledger.link(link, early)
    stop = ReceiveDirective(random_uuid(), ACTOR, person("L2"), "opt_out_stop", BEGIN)
    kept.inside.ledger.direct(stop, early)
    kept.inside.now = now


def _aside(kept: Keeper) -> None:
    """A log without a duty, a look, rejected items."""
    day = BEGIN.isoformat()
    without: dict[str, Any] = {"basis": "entrustment_27_5_i", "consent": None, "purpose": "委託"}
    kept.sent("no-duty", "NO-DUTY", recorded_on=day, transferred_on=day, **without)
    view = ViewHistory(random_uuid(), ACTOR, "2024-1", (person("P1"),), 1, 1, "調査")
    kept.inside.ledger.view(view, kept.inside.now)
    house = kept.inside.house
    quarantine = Quarantine(house.writer, house.keys, house.secret)
    defect = Defect("/items", "SCHEMA", "name the items")
    items = [MalformedItem({"id": f"x{n}"}, None, (defect,)) for n in range(5)]
    quarantine.keep(items, kept.inside.now)


def _made_on(day: date, *people: str) -> dict[str, Any]:
    return data(*people, recorded_on=day.isoformat(), transferred_on=day.isoformat())


def _series(name: str) -> dict[str, Any]:
    return {"method": "collective", "series_id": name, "transferred_on": None}
