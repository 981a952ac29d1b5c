"""Rows of transfers with findings: kept, compared, forgotten, built anew."""

from typing import LiteralString, cast

import psycopg
import pytest

from ledger.commands import ReceiveDirective, ReclassifyTransfer, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from projections.expired_rows import forget
from projections.finding_list import FindingFilter
from projections.rebuild import rebuild
from projections.verification import IndexDifference
from tests.ledger.carrying import carried, correct, die, held_key, later_key
from tests.ledger.given import ACTOR, AT, SOURCE, data, person
from tests.ledger.inside import Inside
from tests.projections.flagging import (
    CODE,
    DEFECT,
    INCOMPLETE,
    LAWLESS,
    WITHDRAWN,
    listed,
    named,
    reader,
    rows,
    settle,
)

# -- what stands ---------------------------------------------------------------------------------


def test_a_rare_finding_is_found_at_once_among_many_records(house: Inside) -> None:
    [first] = [house.record("rare", data("P1", **LAWLESS))]
    for begin in range(0, 3_000, 500):
        house.send([house.asked(f"t{n}", data("P2")) for n in range(begin, begin + 500)])
    house.follow()
    page = reader(house).page(FindingFilter(), sees_all=False)
    assert [one.transfer for one in page.found] == [first.transfer]
    assert page.following is None


def test_a_row_follows_what_happens_to_its_transfer(house: Inside) -> None:
    one = house.record("t1", data("P1", "P2", **LAWLESS)).transfer
    house.follow()
    assert rows(house) == [(1, "", 2, True), (1, CODE, 2, True)]
    settle(house, one, CODE)
    house.follow()
    assert rows(house) == [(1, "", 0, True), (1, CODE, 0, True)]
    correct(house, one, **INCOMPLETE)
    house.follow()
    assert rows(house) == [(1, "", 2, True), (1, CODE, 1, True), (1, DEFECT, 2, True)]
    assert (listed(house, code=DEFECT), listed(house, code=CODE)) == ([1], [])
    assert (listed(house, state=None, code=CODE), listed(house, state="settled")) == ([1], [])
    correct(house, one, consent={"obtained": True})
    house.follow()
    assert rows(house) == [(1, "", 2, False), (1, DEFECT, 2, False)]
    assert (listed(house), listed(house, unlawful=True)) == ([1], [])
    retraction = RetractTransfer(random_uuid(), ACTOR, one, "duplicate")
    house.ledger.retract(retraction, house.now)
    house.follow()
    assert rows(house) == []
    assert named(house) == []


def test_a_late_stop_brings_a_transfer_into_the_list_when_it_is_judged_anew(house: Inside) -> None:
    one = house.record("t1", data("P1", "P2")).transfer
    stop = ReceiveDirective(random_uuid(), ACTOR, person("P1"), "consent_withdrawn", AT.date())
    late = ReceiveDirective(
        random_uuid(), ACTOR, person("P1"), "consent_withdrawn", stop.day.replace(year=2025)
    )
    cause = house.ledger.direct(late, house.now).position
    assert listed(house) == []
    command = ReclassifyTransfer(random_uuid(), ACTOR, one, {}, "遅れて届いた", cause)
    house.ledger.correct(command, house.now)
    assert listed(house, code=WITHDRAWN) == [1]
    settle(house, one, WITHDRAWN)
    assert (listed(house), listed(house, state="settled")) == ([], [1])


def test_each_slot_in_turn_holds_the_same_and_the_old_one_nothing(house: Inside) -> None:
    settle(house, house.record("t1", data("P1", **LAWLESS)).transfer, CODE)
    house.record("t2", data("P1", **INCOMPLETE))
    house.follow()
    before = rows(house)
    for slot, old in (("b", "a"), ("a", "b")):
        rebuild(house.house.follower(), house.connection)
        assert (rows(house, slot), rows(house, old)) == (before, [])
        assert (listed(house), listed(house, state="settled")) == ([3], [1])
        assert named(house) == []


def test_sources_are_asked_for_at_their_boundaries(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    for prefix in (SOURCE, "https:", "https://one.example"):
        assert listed(house, source=prefix) == [1]
    for other in ("https://one.exampl", "https://two.example", f"{SOURCE}/x", "h"):
        assert listed(house, source=other) == []


# -- compared and forgotten ----------------------------------------------------------------------


_COPY = "INSERT INTO projections.findings_a SELECT {}, code, 2, true, mark, sources"
_SET = "UPDATE projections.findings_a SET {} WHERE code = ''"
_OTHER = " FROM projections.findings_a WHERE code = ''"


@pytest.mark.parametrize(
    ("change", "kind", "key", "position"),
    [
        ("DELETE FROM projections.findings_a WHERE code = ''", "missing", "all", 1),
        ("UPDATE projections.findings_a SET standing = 0 WHERE code <> ''", "different", CODE, 1),
        (_SET.format("is_unlawful = false"), "different", "all", 1),
        (_SET.format("mark = gen_random_uuid()"), "different", "all", 1),
        (_SET.format("sources = '{}'"), "different", "all", 1),
        (_COPY.format(2) + _OTHER, "unexpected", "all", 2),
        (_COPY.format(77) + _OTHER, "unexpected", "all", 77),
    ],
)
def test_every_lost_planted_and_changed_row_is_named(
    house: Inside, change: str, kind: str, key: str, position: int
) -> None:
    house.record("t1", data("P1", **LAWLESS))
    house.record("t2", data("P1"))
    house.follow()
    assert named(house) == []
    house.connection.execute(cast("LiteralString", change))
    assert named(house) == [IndexDifference("findings", kind, key, position)]
    rebuild(house.house.follower(), house.connection)
    assert named(house) == []


def test_a_lost_and_a_planted_key_is_named(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    house.follow()
    [(key_id,)] = house.connection.execute(
        "SELECT key_id FROM projections.findings_keys_a"
    ).fetchall()
    house.connection.execute("UPDATE projections.findings_keys_a SET key_id = '\\x01'")
    assert named(house) == [
        IndexDifference("findings_keys", "missing", key_id.hex(), 1),
        IndexDifference("findings_keys", "unexpected", "01", 1),
    ]


def test_what_dies_is_forgotten_with_its_key_in_the_same_transaction(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    house.record("t2", data("P1", recorded_on="2026-05-01", **LAWLESS))
    house.follow()
    [key] = house.connection.execute(
        "SELECT key_id FROM projections.findings_keys_a WHERE position = 1"
    ).fetchall()
    with psycopg.connect(house.database.urls.purger) as purger:
        assert forget(purger.cursor(), [1], key) == 3
        purger.rollback()
        assert len(rows(house)) == 4
        forget(purger.cursor(), [1], key)
    assert {position for position, *_ in rows(house)} == {2}


def test_what_was_carried_for_some_persons_is_listed_for_what_these_have(house: Inside) -> None:
    stop = ReceiveDirective(
        random_uuid(), ACTOR, person("P1"), "consent_withdrawn", AT.date().replace(year=2025)
    )
    house.ledger.direct(stop, house.now)
    first = house.record("t1", data("P1", "P2", **INCOMPLETE))
    one, position = first.transfer, first.position
    assert first.position is not None
    settle(house, one, WITHDRAWN, DEFECT)
    assert listed(house, state="settled", code=WITHDRAWN) == [position]
    carried(house, one, "P2", key=held_key(house))
    house.follow()
    die(house, position)
    assert listed(house, state="settled", code=WITHDRAWN) == []
    assert listed(house, state="settled", code=DEFECT) == [position]
    assert named(house) == []
    rebuild(house.house.follower(), house.connection)
    assert named(house) == []


def test_what_was_done_lives_as_long_as_what_it_was_done_about(house: Inside) -> None:
    first = house.record("t1", data("P1", **LAWLESS))
    done = settle(house, first.transfer, CODE)
    carried(house, first.transfer, key=later_key(house))
    house.follow()
    die(house, first.position, done)
    assert (listed(house), listed(house, state="settled")) == ([], [first.position])
    [one] = reader(house).page(FindingFilter(state="settled"), sees_all=False).found
    assert one.settlement is not None
    assert (one.settlement.action, one.settlement.reason) == ("reported", "報告した")
