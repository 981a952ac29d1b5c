"""Recording many at once: each alone, in the order of the batch, repeats once."""

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest

from ledger.commands import (
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    ReceiveDirective,
    ReclassifyTransfer,
    RecordTransfer,
    RenamePrincipal,
    RetractTransfer,
    ViewHistory,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    AlreadyActiveError,
    AlreadyRetractedError,
    ConflictingTransferError,
    ExpiredError,
    LedgerError,
    NothingToChangeError,
)
from ledger.format.envelope import SealedEvent
from ledger.format.events import RecordedEvent
from ledger.service import CommandReceipt, RecordOutcome, Sealer
from ledger.transfers.service import EventMetadata
from ledger.values import CheckedTransfer, Json
from tests.ledger.given import ACTOR, AT, PARTY, SOURCE, data, malformed, person, recorded
from tests.ledger.inside import Inside
from tests.ledger.test_notice import opt_out


def told(outcomes: list[RecordOutcome]) -> list[tuple[str, int]]:
    return [(one.status, one.position) for one in outcomes]


def stop(who: str, kind: str = "consent_withdrawn") -> ReceiveDirective:
    return ReceiveDirective(random_uuid(), ACTOR, person(who), kind, date(2026, 1, 1))


# -- batches -----------------------------------------------------------------------------------


def test_each_item_of_a_batch_is_decided_alone(house: Inside) -> None:
    house.record("t1")
    outcomes = house.send(
        [
            house.asked("t1"),
            house.asked("t1", data(items=["住所"])),
            house.asked("t2"),
            house.asked("t2"),
            house.asked("t2", data(items=["住所"])),
            house.asked("t3"),
        ]
    )
    assert told(outcomes) == [
        ("duplicate", 1),
        ("conflict", 1),
        ("recorded", 2),
        ("duplicate", 2),
        ("conflict", 2),
        ("recorded", 3),
    ]
    assert isinstance(outcomes[1].error, ConflictingTransferError)


def test_the_first_of_two_items_with_one_key_counts_even_when_its_series_moves(
    house: Inside,
) -> None:
    def message(day: str) -> dict[str, object]:
        return data(method="collective", series_id="S1", transferred_on=day)

    house.record("t1", message("2026-05-01"))
    # t1 is a repeat, so the series stands at another version than t2 expects: t2 goes once more.
    outcomes = house.send(
        [
            house.asked("t1", message("2026-05-01")),
            house.asked("t2", message("2026-05-02")),
            house.asked("t2", message("2026-05-03")),
        ]
    )
    assert [one.status for one in outcomes] == ["duplicate", "recorded", "conflict"]
    [entry] = house.page("P1").entries
    assert entry.last_day == date(2026, 5, 2)


def test_a_transfer_may_rest_on_one_of_the_same_batch(house: Inside) -> None:
    outcomes = house.send(
        [
            house.asked("base"),
            house.asked("t2", data(base_record="base", omitted_items=["COUNTERPARTY"])),
            house.asked("t3", data(base_record="t4", omitted_items=["COUNTERPARTY"])),
            house.asked("t4"),
        ]
    )
    findings = [one.verdict.findings for one in outcomes if one.verdict]
    assert findings == [(), (), ("OMISSION_BASE_NOT_RETAINED",), ()]


def test_a_batch_may_repeat_one_key_and_build_on_itself_as_long_as_it_likes(house: Inside) -> None:
    repeats = [house.asked("t1") for _ in range(40)]
    chain = [
        house.asked(f"c{n}", data(base_record=f"c{n - 1}", omitted_items=["COUNTERPARTY"]))
        for n in range(1, 25)
    ]
    outcomes = house.send([*repeats, house.asked("c0"), *chain])
    assert [one.status for one in outcomes[:40]] == ["recorded", *["duplicate"] * 39]
    assert {one.position for one in outcomes[:40]} == {1}
    assert {one.status for one in outcomes[40:]} == {"recorded"}
    assert {one.verdict.findings for one in outcomes[40:] if one.verdict} == {()}


# -- many persons ------------------------------------------------------------------------------


def test_a_stop_among_a_thousand_persons_changes_that_persons_verdict_only(house: Inside) -> None:
    people = [f"P{n:04}" for n in range(1_000)]
    before = house.record("before", data(*people))
    house.ledger.direct(stop("P0500"), house.now)
    after = house.record("after", data(*people))
    assert (before.persons_with_findings, after.persons_with_findings) == (0, 1)
    assert after.verdict == before.verdict
    first, second = (event for event in house.events() if event.type == "provision-recorded")
    # Neither the header nor anybody else's line tells that somebody has withdrawn.
    assert first.facts == second.facts
    assert first.statement == second.statement
    differing = [n for n in range(1_000) if first.lines[n] != second.lines[n]]
    assert differing == [500]
    assert second.lines[500]["verdict"]["findings"] == ["CONSENT_WITHDRAWN"]
    for who, findings in (("P0499", ()), ("P0500", ("CONSENT_WITHDRAWN",)), ("P0999", ())):
        entries = {entry.transfer: entry for entry in house.page(who).entries}
        assert entries[before.transfer].verdict.findings == ()
        assert entries[after.transfer].verdict.findings == findings
        assert [line.principal.id for _, line in entries[after.transfer].lines] == [who]


# -- late facts --------------------------------------------------------------------------------


def test_a_stop_lifted_before_the_last_sure_day_of_an_open_period_is_out(house: Inside) -> None:
    who, kind = person("P1"), "provision_stopped"
    ledger, now = house.ledger, house.now
    ledger.direct(ReceiveDirective(random_uuid(), ACTOR, who, kind, date(2026, 4, 1)), now)
    ledger.direct(LiftDirective(random_uuid(), ACTOR, who, kind, date(2026, 4, 15)), now)
    content = data(method="collective", transferred_on=None, transferred_from="2026-03-01")
    still_open = house.record("t1", {**content, "transferred_to": None})
    ended = house.record("t2", {**content, "transferred_to": "2026-04-10"})
    assert (still_open.persons_with_findings, ended.persons_with_findings) == (0, 1)


def test_a_dry_run_gives_the_verdict_that_recording_gives(house: Inside) -> None:
    house.ledger.direct(stop("P1"), house.now)
    command = house.asked("t1", data("P1", "P2"))
    position, verdict = house.ledger.judge(command, house.now)
    assert (position, house.head()) == (1, 1)
    [outcome] = house.send([command])
    assert outcome.verdict == verdict.whole
    assert outcome.persons_with_findings == len(verdict.persons) == 1


# -- keys that die -----------------------------------------------------------------------------


def test_what_has_expired_is_neither_shown_nor_recorded_again(house: Inside) -> None:
    first = house.record("t1")
    kept = house.record("t2", data(basis="none", consent=None, recorded_on="2026-05-01"))
    house.follow()
    _kill_key_of(house, first.position)
    [again] = house.send([house.asked("t1")])
    assert (again.status, again.position) == ("duplicate_expired", first.position)
    changed = CorrectTransfer(random_uuid(), ACTOR, first.transfer, {"items": ["氏名"]}, "誤記")
    with pytest.raises(ExpiredError):
        house.ledger.correct(changed, house.now)
    assert [entry.transfer for entry in house.page("P1").entries] == [kept.transfer]


def _kill_key_of(house: Inside, position: int) -> None:
    """The key and the sealed part go; the index row is left to see that nothing is shown."""
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute(
            "DELETE FROM ledger.data_keys WHERE key_id IN"
            " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
            (position,),
        )
        connection.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))
    house.now += timedelta(minutes=6)  # longer than any key is cached


# -- parties -----------------------------------------------------------------------------------


def test_a_party_is_named_in_clear_by_a_keyed_hash_unless_it_is_an_individual(
    house: Inside,
) -> None:
    individual = {"kind": "individual", "name": "見本 次郎", "address": "大阪府"}
    house.send(
        [
            house.asked("t1"),
            house.asked("t2", data(items=["住所"])),
            house.asked("t3", data(counterparty=individual)),
        ]
    )
    keys = [event.facts.get("party_key") for event in house.events()]
    assert keys[0] == keys[1] is not None
    assert keys[2] is None


def decided(event: RecordedEvent, days_later: int) -> tuple[RecordedEvent, EventMetadata]:
    at = AT + timedelta(days=days_later)
    return event, EventMetadata(random_uuid(), 1, at, ACTOR, random_uuid(), 0)


def test_each_record_of_a_batch_is_sealed_under_the_key_of_its_own_day_and_class(
    house: Inside,
) -> None:
    sealer = Sealer(house.house.keys, house.house.secret, house.house.name)
    one_day = recorded(data("P1"))
    another_day = recorded(data("P2", recorded_on="2026-04-05"))
    without_duty = recorded(data("P3", basis="entrustment_27_5_i", consent=None))
    still_open = recorded(
        data(
            method="collective",
            transferred_on=None,
            transferred_from="2026-04-01",
            transferred_to=None,
        )
    )
    batch = [
        decided(one_day, 0),
        decided(another_day, 0),
        decided(without_duty, 0),
        decided(still_open, 0),
        decided(still_open, 0),
        decided(one_day, 0),
        decided(one_day, 5_000),
    ]
    sealed = sealer.seal_records(batch)
    assert all(isinstance(one, SealedEvent) for one in sealed)
    keys = [one.key_id for one in sealed if isinstance(one, SealedEvent)]
    alone = [
        sealer.record_key(event.entry.record, event.entry.lines, place, None).id
        for event, place in batch
    ]
    assert keys == alone
    assert len(set(keys)) == len(keys) - 1  # two died on one day


# -- the same request twice records nothing and answers the first receipt --------------------------

# -- repeats -----------------------------------------------------------------------------------


def test_a_repeat_is_answered_with_the_first_receipt_whatever_came_since(house: Inside) -> None:
    command = house.asked("t1", data("P1", "P2"))
    [first] = house.send([command])
    again = dataclasses.replace(first, status="duplicate")
    assert house.record("t1", data("P1", "P2")) == again
    assert house.head() == 1
    house.ledger.direct(stop("P1"), house.now)
    # The stop came later: it must not change what was recorded and acknowledged before.
    assert house.send([command]) == [again]
    changes: dict[str, Json] = {"items": ["氏名"], "consent": {"obtained": False}}
    change = CorrectTransfer(random_uuid(), ACTOR, first.transfer, changes, "誤記")
    house.ledger.correct(change, house.now)
    assert house.record("t1", data("P1", "P2")) == again
    end = RetractTransfer(random_uuid(), ACTOR, first.transfer, "duplicate")
    house.ledger.retract(end, house.now)
    assert house.record("t1", data("P1", "P2")).position == first.position
    assert house.head() == 4


def _changes(house: Inside) -> list[tuple[Callable[[UUID], CommandReceipt], type[LedgerError]]]:
    """One of each kind, under a command id, and the refusal of the same once it stands."""
    transfer = house.record("t1").transfer
    who, ledger, now = person("P1"), house.ledger, house.now
    filing = opt_out(date(2026, 1, 1), "氏名")

    def corrected(c: UUID) -> CommandReceipt:
        change: dict[str, Json] = {"items": ["氏名"]}
        return ledger.correct(CorrectTransfer(c, ACTOR, transfer, change, "誤記"), now)

    def linked(c: UUID) -> CommandReceipt:
        return ledger.link(LinkIdentifiers(c, ACTOR, who, person("P2"), "住民票"), now)

    return [
        (corrected, NothingToChangeError),
        (
            lambda c: ledger.retract(RetractTransfer(c, ACTOR, transfer, "duplicate"), now),
            AlreadyRetractedError,
        ),
        (linked, AlreadyActiveError),
        (
            lambda c: ledger.direct(dataclasses.replace(stop("P1"), command=c), now),
            AlreadyActiveError,
        ),
        (
            lambda c: ledger.direct(RenamePrincipal(c, ACTOR, who, "見本 花子"), now),
            AlreadyActiveError,
        ),
        (lambda c: ledger.publish(dataclasses.replace(filing, command=c), now), AlreadyActiveError),
    ]


def test_a_change_stands_once_and_is_answered_once_more_under_its_command_id(
    house: Inside,
) -> None:
    for position, (ask, refusal) in enumerate(_changes(house), 2):
        command = random_uuid()
        first, again = ask(command), ask(command)
        assert (first.position, first.known) == (position, False)
        assert again == dataclasses.replace(first, known=True)
        with pytest.raises(refusal):
            ask(random_uuid())
        assert house.head() == position


def test_a_look_put_on_record_twice_under_one_command_stands_once(house: Inside) -> None:
    look = ViewHistory(random_uuid(), ACTOR, "C-1", (person("P1"),), 0, 0, "調査")
    first, again = (house.ledger.view(look, house.now) for _ in range(2))
    assert (first.position, first.known) == (1, False)
    assert (again.position, again.known) == (1, True)


# -- a record accepted before its blank item was refused stands, and takes what is found later -----


def test_a_blank_item_of_an_old_record_refuses_no_new_verdict(house: Inside) -> None:
    # given: as the contract took it once
    old = CheckedTransfer(data(counterparty={**PARTY, "address": "\u3000"}))
    [outcome] = house.send([RecordTransfer(random_uuid(), ACTOR, SOURCE, "t1", old)])
    state = house.house.streams.transfer_state(outcome.transfer)
    assert state is not None
    assert state.record is not None
    assert state.record.verdict.lawful

    # when: it is judged anew, and nothing has changed
    again = ReclassifyTransfer(random_uuid(), ACTOR, outcome.transfer, {}, "再判定")
    with pytest.raises(NothingToChangeError):
        house.ledger.correct(again, house.now)

    # then: only who corrects it says what was left blank
    change = CorrectTransfer(random_uuid(), ACTOR, outcome.transfer, {"items": ["氏名"]}, "誤記")
    assert malformed(house.ledger.correct, change, house.now) == {
        ("/counterparty/address", "BLANK")
    }
