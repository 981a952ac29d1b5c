"""Findings, and what was done about them, go with their records, and stay with what is kept."""

from datetime import date, timedelta

from ledger.commands import ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from projections.rebuild import rebuild
from tests.ledger.given import ACTOR, PARTY, person
from tests.projections.flagging import listed, named, rows, settle
from tests.retaining.keeper import Keeper

DAY = "2024-04-01"
AFTER = date(2027, 4, 2)
CODE = "CONSENT_NOT_OBTAINED"
DEFECT = "COUNTERPARTY_INCOMPLETE"
WITHDRAWN = "CONSENT_WITHDRAWN"
INCOMPLETE = {**PARTY, "representative": None}


def test_a_settled_finding_dies_with_its_record_and_leaves_nothing(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", recorded_on=DAY, consent={"obtained": False})
    kept.sent("b", "P1", recorded_on=DAY, consent={"obtained": False})
    settle(kept.inside, kept.transfers["a"], CODE)
    assert (listed(kept.inside), listed(kept.inside, state="settled")) == ([2], [1])
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == set()
    assert rows(kept.inside) == []
    assert listed(kept.inside, state=None, sees_all=True) == []
    assert "報告した" not in str(kept.inside.events())
    assert named(kept.inside) == []
    rebuild(kept.inside.house.follower(), kept.inside.connection)
    assert (rows(kept.inside, "b"), named(kept.inside)) == ([], [])


def test_what_a_hold_keeps_is_listed_for_whom_it_is_kept(kept: Keeper) -> None:
    kept.on(DAY)
    stop = ReceiveDirective(
        random_uuid(), ACTOR, person("P1"), "consent_withdrawn", date(2024, 1, 1)
    )
    kept.inside.ledger.direct(stop, kept.inside.now)
    kept.sent("a", "P1", "P2", recorded_on=DAY, counterparty=INCOMPLETE)
    position = kept.inside.head()
    settle(kept.inside, kept.transfers["a"], WITHDRAWN, DEFECT)
    assert listed(kept.inside, state="settled", code=WITHDRAWN) == [position]
    hold = kept.hold("訴訟", "P2")
    kept.on(AFTER + timedelta(days=1))
    kept.purge()
    assert kept.living() == {"a"}
    assert listed(kept.inside, state="settled", code=WITHDRAWN) == []
    # What was done is carried with what it was done about.
    assert listed(kept.inside, state="settled", code=DEFECT) == [position]
    assert listed(kept.inside) == []
    assert named(kept.inside) == []
    kept.release(hold)
    kept.on(AFTER + timedelta(days=60))
    kept.purge()
    assert kept.living() == set()
    assert rows(kept.inside) == []
    assert named(kept.inside) == []
