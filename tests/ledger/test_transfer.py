"""One transfer: recording, repeating, what the events are called."""

import dataclasses
from typing import Any

import pytest

from ledger.clock import day_in_japan
from ledger.errors import ConflictingTransferError, ExpiredError
from ledger.format.events import (
    ExemptTransferRecorded,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    ReceiptRecorded,
    ReferableProvisionRecorded,
    TransferCompleted,
)
from ledger.transfers import transfer
from ledger.transfers.transfer import MarkDiffersError
from ledger.transfers.whole_transfer import whole_data
from tests.ledger.given import (
    AT,
    PARTY,
    SOURCE,
    data,
    expired,
    facts,
    ids,
    person,
    received,
    record,
    recorded,
    state_after,
    stopped,
)


def test_recording_a_provision_keeps_it_as_received() -> None:
    content = data("P1", "P2")
    event = recorded(content, order_11=3)
    assert isinstance(event, ProvisionRecorded)
    entry = event.entry
    assert (entry.source, entry.id, entry.order_11, entry.persons) == (SOURCE, "t1", 3, 2)
    assert entry.record.data == {k: v for k, v in content.items() if k != "principals"}
    assert ids(entry.lines) == {0: "P1", 1: "P2"}
    assert whole_data(state_after(event)) == content


def test_a_record_is_made_on_the_day_of_receipt_in_japan_unless_it_says_otherwise() -> None:
    assert recorded(data()).entry.record.recorded_on == day_in_japan(AT)
    stated = recorded(data(recorded_on="2026-04-02")).entry.record
    assert stated.recorded_on.isoformat() == "2026-04-02"


def test_repeating_a_request_decides_nothing() -> None:
    first = state_after(recorded(data()))
    assert record(data(), first) == ()


def test_a_repeat_of_a_retracted_or_corrected_transfer_decides_nothing() -> None:
    state = state_after(recorded(data()))
    assert record(data(), dataclasses.replace(state, retracted="duplicate")) == ()


def test_same_key_for_other_content_is_refused_with_the_first_position() -> None:
    state = state_after(recorded(data()))
    with pytest.raises(ConflictingTransferError) as refused:
        record(data(items=["氏名"]), state, fingerprint=b"\1" * 32)
    assert refused.value.position == 1


@pytest.mark.parametrize(("first", "again"), [(0, 1), (0, 4), (2, 3)])
def test_a_repeat_with_a_mark_that_the_record_lacks_is_refused(first: int, again: int) -> None:
    state = state_after(recorded(data(), order_11=first))
    with pytest.raises(MarkDiffersError) as refused:
        record(data(), state, order_11=again)
    assert refused.value.position == 1
    assert record(data(), state, order_11=first) == record(data(), state) == ()


def test_a_repeat_of_what_has_expired_is_told_so() -> None:
    state = state_after(expired("provision-recorded"))
    with pytest.raises(ExpiredError) as refused:
        record(data(), state)
    assert refused.value.position == 1


@pytest.mark.parametrize(
    ("content", "kind"),
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
