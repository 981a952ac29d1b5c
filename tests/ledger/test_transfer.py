"""One transfer: recording, repeating, what the events are called."""

import dataclasses
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.clock import day_in_japan
from ledger.commands import RetractTransfer, SettleFindings
from ledger.errors import (
    AlreadyRetractedError,
    ConflictingTransferError,
    ExpiredError,
    MalformedError,
    NotFoundError,
    NothingToChangeError,
)
from ledger.format.events import (
    ExemptTransferRecorded,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    ReceiptRecorded,
    RecordCarriedForward,
    ReferableProvisionRecorded,
    TransferCompleted,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.policies.context import Context
from ledger.streams.history import entry_of
from ledger.transfers import transfer
from ledger.transfers.correction import retract
from ledger.transfers.settlement import ACTIONS, FindingsDifferError, NothingToSettleError, settle
from ledger.transfers.transfer import MarkDiffersError
from ledger.transfers.whole_transfer import transfer_data
from tests.ledger.given import (
    ACTOR,
    AT,
    COMMAND,
    PARTY,
    SOURCE,
    STREAM,
    corrected,
    data,
    expired,
    facts,
    ids,
    malformed,
    person,
    received,
    reclassified,
    record,
    recorded,
    state_after,
    stopped,
)
from tests.matrix import every


def test_recording_a_provision_keeps_it_as_received() -> None:
    content = data("P1", "P2")
    event = recorded(content, order_11=3)
    assert isinstance(event, ProvisionRecorded)
    entry = event.entry
    assert (entry.source, entry.id, entry.order_11, entry.persons) == (SOURCE, "t1", 3, 2)
    assert entry.record.data == {k: v for k, v in content.items() if k != "principals"}
    assert ids(entry.lines) == {0: "P1", 1: "P2"}
    assert transfer_data(state_after(event)) == content


def test_a_record_is_made_on_the_day_of_receipt_in_japan_unless_it_says_otherwise() -> None:
    assert recorded(data()).entry.record.recorded_on == day_in_japan(AT)
    stated = recorded(data(recorded_on="2026-04-02")).entry.record
    assert stated.recorded_on.isoformat() == "2026-04-02"


def test_a_repeat_decides_nothing_and_other_content_is_refused_with_the_first_position() -> None:
    first = state_after(recorded(data()))
    assert record(data(), first) == ()
    assert record(data(), dataclasses.replace(first, retracted="duplicate")) == ()
    with pytest.raises(ConflictingTransferError) as refused:
        record(data(items=["氏名"]), first, fingerprint=b"\1" * 32)
    assert refused.value.position == 1
    with pytest.raises(ExpiredError) as gone:
        record(data(), state_after(expired("provision-recorded")))
    assert gone.value.position == 1


@every("first, again", [(0, 1), (0, 4), (2, 3)])
def test_a_repeat_with_a_mark_that_the_record_lacks_is_refused(first: int, again: int) -> None:
    state = state_after(recorded(data(), order_11=first))
    with pytest.raises(MarkDiffersError) as refused:
        record(data(), state, order_11=again)
    assert refused.value.position == 1
    assert record(data(), state, order_11=first) == record(data(), state) == ()


@every(
    "content, kind",
    [
        (data(), ProvisionRecorded),
        (received(), ReceiptRecorded),
        (data(basis="none"), ProvisionRecorded),
        (data(basis="exempt_27_1_i", consent=None), ExemptTransferRecorded),
        (
            data(basis="personally_referable_31_1", data_kind="personally_referable"),
            ReferableProvisionRecorded,
        ),
        (data(data_kind="pseudonymously_processed"), ExemptTransferRecorded),
        (
            data(basis="joint_use_27_5_iii", notice_id="gone", purpose="④", consent=None),
            ProvisionRecorded,
        ),
        (data(counterparty={**PARTY, "kind": "public_body"}), ExemptTransferRecorded),
    ],
)
def test_the_event_is_named_after_what_the_transfer_is_in_law(
    content: dict[str, Any], kind: type
) -> None:
    assert type(recorded(content)) is kind


def test_a_stop_of_one_person_stands_in_that_persons_line_alone() -> None:
    event = recorded(data("P1", "P2", "P3"), context=stopped(1))
    whole = event.entry.record.verdict
    assert whole.findings == ()
    assert [line.verdict is not None for line in event.entry.lines.values()] == [False, True, False]
    own = event.entry.lines[1].verdict
    assert own is not None
    assert own.findings == ("CONSENT_WITHDRAWN",)


def test_a_bulk_transfer_takes_effect_when_it_is_complete() -> None:
    entry = recorded(data("P1", "P2")).entry
    begun = ProvisionRecorded(dataclasses.replace(entry, lines={}))
    chunk = PrincipalsAppended({0: PersonLine(person("P1")), 1: PersonLine(person("P2"))})
    assert state_after(begun).effective_position is None
    assert state_after(begun, chunk).effective_position is None
    state = state_after(begun, chunk, TransferCompleted())
    assert state.effective_position == 3
    assert ids(state.lines) == {0: "P1", 1: "P2"}


def test_a_transfer_is_recorded_once() -> None:
    event = recorded(data())
    with pytest.raises(AssertionError):
        transfer.fold(None, facts([event, event]))


def test_folding_on_from_a_state_is_folding_from_the_beginning() -> None:
    events = facts([recorded(data()), TransferCompleted(), expired("transfer-corrected")])
    assert transfer.fold(transfer.fold(None, events[:1]), events[1:]) == transfer.fold(None, events)


# -- correcting, reclassifying, retracting: the old fact stays, a new one follows it ---------------

RETRACTION = RetractTransfer(COMMAND, ACTOR, STREAM, "other_person", "取り違え")


def principals(*people: str) -> dict[str, Any]:
    return {"principals": [{"scheme": "member", "id": one} for one in people]}


def test_a_wrong_item_or_party_is_corrected_without_touching_a_line() -> None:
    first = recorded(data("P1", "P2", recorded_on="2026-04-02"))
    event = corrected(state_after(first), {"items": ["氏名"]})
    assert event.record.data["items"] == ["氏名"]
    assert (event.lines, event.removed) == ({}, ())
    assert event.record.recorded_on == first.entry.record.recorded_on
    expected = data("P1", "P2", items=["氏名"], recorded_on="2026-04-02")
    assert transfer_data(state_after(first, event)) == expected
    other = {**PARTY, "party_id": "y", "name": "緑野株式会社"}
    event = corrected(state_after(recorded(data())), {"counterparty": other})
    assert event.record.data["counterparty"] == other


# Persons of the record, persons of the correction → lines that it writes, numbers that it removes.
LINES: dict[str, tuple[dict[str, Any], dict[int, str], tuple[int, ...]]] = {
    # The old line is removed, so that it does not come back where the new one is not carried.
    "another person": (principals("P1", "P9", "P3"), {1: "P9"}, (1,)),
    "in another order": (principals("P3", "P9", "P1"), {1: "P9"}, (1,)),
    "one fewer": (principals("P1", "P3"), {}, (1,)),
    "one more": (principals("P1", "P2", "P3", "P9"), {3: "P9"}, ()),
}


@every("name", LINES)
def test_a_person_keeps_the_number_of_the_line(name: str) -> None:
    changes, written, removed = LINES[name]
    first = recorded(data("P1", "P2", "P3"))
    event = corrected(state_after(first), changes)
    assert (ids(event.lines), event.removed) == (written, removed)
    assert {*ids(state_after(first, event).lines).values()} == {
        one["id"] for one in changes["principals"]
    }


def test_a_number_that_is_free_is_given_to_nobody_again_and_a_name_changes_its_line() -> None:
    first = recorded(data("P1", "P2", "P3"))
    without = corrected(state_after(first), principals("P1", "P3"))
    again = corrected(state_after(first, without), principals("P1", "P3", "P7", "P8"))
    assert ids(again.lines) == {3: "P7", 4: "P8"}
    named = principals("P1")
    named["principals"][0]["name"] = "見本 太郎"
    event = corrected(state_after(recorded(data("P1", "P2"))), named)
    assert (ids(event.lines), event.removed) == ({0: "P1"}, (1,))
    assert event.lines[0].principal.name == "見本 太郎"


def test_null_removes_a_member_except_where_it_says_something() -> None:
    first = recorded(received(purpose="照合"))
    event = corrected(state_after(first), {"purpose": None, "acquisition": None})
    assert "purpose" not in event.record.data
    assert event.record.data["acquisition"] is None
    assert event.record.verdict.findings == ("CONFIRMATION_INCOMPLETE",)


def test_a_correction_is_judged_anew_with_what_is_known_now() -> None:
    first = recorded(data("P1", "P2"))
    event = corrected(state_after(first), {"items": ["氏名"]}, stopped(1))
    own = event.lines[1].verdict
    assert own is not None
    assert own.findings == ("CONSENT_WITHDRAWN",)
    lifted = corrected(state_after(first, event), {"items": ["住所"]})
    assert lifted.lines[1].verdict is None


def test_a_correction_that_changes_nothing_is_refused() -> None:
    state = state_after(recorded(data()))
    with pytest.raises(NothingToChangeError):
        corrected(state, {"items": ["氏名", "ご利用履歴"]})
    event = corrected(state, {"items": ["氏名"]})
    with pytest.raises(NothingToChangeError):
        corrected(state_after(recorded(data()), event), {"items": ["氏名"]})


def test_reclassifying_changes_what_the_transfer_is_and_says_why() -> None:
    first = recorded(data(basis="exempt_27_1_i", consent=None))
    assert first.entry.record.verdict.duty == "none"
    event = reclassified(state_after(first), {"basis": "none"})
    assert isinstance(event, TransferReclassified)
    assert (event.reason, event.cause_position) == ("範囲外", 5)
    assert event.record.verdict.findings == ("NO_VALID_BASIS",)
    assert event.record.verdict.duty == "art29"


def test_a_late_stop_alone_reclassifies_without_any_change() -> None:
    event = reclassified(state_after(recorded(data("P1", "P2"))), {}, stopped(0))
    # All lines: their count stands in the header and must not tell that one person stopped.
    assert ids(event.lines) == {0: "P1", 1: "P2"}
    with pytest.raises(NothingToChangeError):
        reclassified(state_after(recorded(data("P1", "P2"))), {}, Context())


def test_a_retracted_record_is_kept_with_the_reason_and_takes_nothing_more() -> None:
    first = recorded(data())
    event = retract(RETRACTION, state_after(first))
    assert event == TransferRetracted("other_person", "取り違え")
    state = state_after(first, event)
    assert (state.retracted, transfer_data(state)) == ("other_person", data())
    gone = state_after(expired("provision-recorded"))
    for one, refusal in ((state, AlreadyRetractedError), (gone, ExpiredError)):
        with pytest.raises(refusal):
            retract(RETRACTION, one)
        with pytest.raises(refusal):
            corrected(one, {"items": ["氏名"]})
    with pytest.raises(NotFoundError):
        retract(RETRACTION, None)


def test_a_message_keeps_its_series() -> None:
    message = recorded(data(method="collective", series_id="S1"))
    for changed in ("S2", None):
        assert malformed(corrected, state_after(message), {"series_id": changed}) == {
            ("/series_id", "SERIES_FIXED")
        }


# -- settling findings: who settles has seen all that stand, and what is new is to be handled ------

LAWLESS: dict[str, Any] = {"consent": {"obtained": False}}
CODE = "CONSENT_NOT_OBTAINED"
WITHDRAWN = "CONSENT_WITHDRAWN"
INCOMPLETE: dict[str, Any] = {"counterparty": {**PARTY, "representative": None}}


def command(*codes: str, action: str = "stopped") -> SettleFindings:
    return SettleFindings(COMMAND, ACTOR, STREAM, codes, action, "提供を止めた")


def settled(*events: Any) -> tuple[Any, ...]:  # noqa: ANN401 -- events of a transfer
    """The events, and one that settles all that stands after them."""
    state = state_after(*events)
    return (*events, settle(command(*state.findings), state))


def test_what_stands_is_settled_and_stays_what_it_is() -> None:
    first = recorded(data(**LAWLESS))
    before = state_after(first)
    assert (before.findings, before.open_findings) == ((CODE,), (CODE,))
    event = settle(command(CODE, action="reported"), before)
    assert event == TransferFindingsSettled((CODE,), "reported", "提供を止めた")
    after = state_after(first, event)
    assert (after.findings, after.open_findings) == ((CODE,), ())
    assert after.record == before.record
    [done] = after.settlements
    assert (done.codes, done.action, done.reason, done.actor) == (
        (CODE,),
        "reported",
        "提供を止めた",
        ACTOR,
    )


@every("codes", [(), ("JU_NO_NOTICE",), (CODE, "JU_NO_NOTICE")])
def test_nobody_settles_other_findings_than_those_that_stand(codes: tuple[str, ...]) -> None:
    with pytest.raises(FindingsDifferError):
        settle(command(*codes), state_after(recorded(data(**LAWLESS))))


def test_findings_of_persons_are_among_those_that_stand() -> None:
    first = recorded(data("P1", "P2", **INCOMPLETE), context=stopped(1))
    state = state_after(first)
    assert state.findings == (WITHDRAWN, "COUNTERPARTY_INCOMPLETE")
    with pytest.raises(FindingsDifferError):
        settle(command("COUNTERPARTY_INCOMPLETE"), state)
    event = settle(command(*reversed(state.findings)), state)
    assert event.codes == state.findings
    assert state_after(first, event).open_findings == ()


def test_where_nothing_stands_there_is_nothing_to_settle() -> None:
    with pytest.raises(NothingToSettleError):
        settle(command(), state_after(recorded(data())))
    with pytest.raises(NothingToSettleError):
        settle(command(CODE), state_after(recorded(data())))


def test_what_does_not_stand_takes_no_settling() -> None:
    first = recorded(data(**LAWLESS))
    with pytest.raises(NotFoundError):
        settle(command(CODE), None)
    with pytest.raises(AlreadyRetractedError):
        settle(command(CODE), state_after(first, TransferRetracted("duplicate")))
    with pytest.raises(ExpiredError):
        settle(command(CODE), state_after(expired("provision-recorded")))
    with pytest.raises(MalformedError):
        settle(command(CODE, action="forgotten"), state_after(first))


def test_the_line_of_somebody_else_is_not_settled_by_its_number() -> None:
    events = settled(recorded(data("P1", "P2"), context=stopped(0)))
    people: dict[str, Any] = {
        "principals": [{"scheme": "member", "id": one} for one in ("P9", "P2")]
    }
    other = corrected(state_after(*events), people, stopped(0))
    state = state_after(*events, other)
    assert state.lines[0].principal.id == "P9"
    assert state.open_findings == (WITHDRAWN,)


def test_a_retracted_transfer_has_nothing_to_handle() -> None:
    state = state_after(recorded(data(**LAWLESS)), TransferRetracted("duplicate"))
    assert (state.findings, state.open_findings) == ((), ())


def test_no_history_is_changed_by_it_alive_carried_or_dead() -> None:
    first = recorded(data(**LAWLESS))
    event = settle(command(CODE), state_after(first))
    alone = entry_of(facts([first]), lambda _: True)
    for later in (
        [event],
        [event, RecordCarriedForward(2, 2)],
        [expired(event.TYPE)],
        [expired(event.TYPE), RecordCarriedForward(2, 2)],
    ):
        assert entry_of(facts([first, *later]), lambda _: True) == alone
    assert state_after(first, event).version == 2


STEPS = st.lists(
    st.sampled_from(("settle", "lawless", "lawful", "incomplete", "complete", "stop", "free")),
    max_size=12,
)
CHANGES: dict[str, dict[str, Any]] = {
    "lawless": LAWLESS,
    "lawful": {"consent": {"obtained": True}},
    "incomplete": INCOMPLETE,
    "complete": {"counterparty": PARTY},
}


@given(steps=STEPS)
def test_open_is_what_came_since_it_was_settled(steps: list[str]) -> None:
    """The slow way: a finding is settled that stood at a settlement and at every moment since."""
    events: list[Any] = [recorded(data("P1", "P2", "P3"))]
    people = 0
    for step in steps:
        state = state_after(*events)
        if step in ("stop", "free"):
            people = (people + 1 if step == "stop" else people - 1) % 3
        try:
            if step == "settle":
                events.append(settle(command(*state.findings), state))
            else:
                changes = CHANGES.get(step, {})
                events.append(reclassified(state, changes, stopped(*range(people))))
        except (NothingToSettleError, transfer.ConflictingTransferError):
            continue
        except Exception as refusal:  # noqa: BLE001 -- told apart by its code
            assert getattr(refusal, "code", "") == "NOTHING_TO_CHANGE"  # noqa: PT017 -- as above
    states = [state_after(*events[: n + 1]) for n in range(len(events))]
    stood = [transfer.current_findings(one) for one in states]
    settled_at = [n for n, one in enumerate(events) if isinstance(one, TransferFindingsSettled)]
    handled = {
        finding
        for finding in stood[-1]
        if any(all(finding in later for later in stood[n:]) for n in settled_at)
    }
    assert states[-1].open_findings == tuple(sorted({code for _, code in stood[-1] - handled}))
    assert all(b.version == a.version + 1 for a, b in pairwise(states))
    assert set(ACTIONS) >= {done.action for done in states[-1].settlements}
