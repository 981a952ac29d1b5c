"""Correcting, reclassifying, retracting: the old fact stays, a new one follows it."""

from typing import Any

import pytest

from ledger.commands import RetractTransfer
from ledger.errors import (
    AlreadyRetractedError,
    ExpiredError,
    MalformedError,
    NotFoundError,
    NothingToChangeError,
)
from ledger.format.events import TransferReclassified, TransferRetracted
from ledger.policies.context import Context
from ledger.transfers.correction import retract
from ledger.transfers.whole_transfer import whole_data
from tests.ledger.given import (
    ACTOR,
    COMMAND,
    PARTY,
    STREAM,
    corrected,
    data,
    expired,
    ids,
    received,
    reclassified,
    recorded,
    state_after,
    stopped,
)

RETRACTION = RetractTransfer(COMMAND, ACTOR, STREAM, "other_person", "取り違え")


def principals(*people: str) -> dict[str, Any]:
    return {"principals": [{"scheme": "member", "id": one} for one in people]}


def test_a_wrong_item_is_corrected_without_touching_a_line() -> None:
    first = recorded(data("P1", "P2"))
    event = corrected(state_after(first), {"items": ["氏名"]})
    assert event.record.data["items"] == ["氏名"]
    assert (event.lines, event.removed) == ({}, ())
    assert whole_data(state_after(first, event)) == data("P1", "P2", items=["氏名"])


def test_a_wrong_attribution_is_one_changed_line_with_its_number() -> None:
    first = recorded(data("P1", "P2", "P3"))
    event = corrected(state_after(first), principals("P1", "P9", "P3"))
    assert ids(event.lines) == {1: "P9"}
    # The old line is removed, so that it does not come back where the new one is not carried.
    assert event.removed == (1,)
    assert ids(state_after(first, event).lines) == {0: "P1", 1: "P9", 2: "P3"}


def test_a_person_keeps_the_number_whatever_the_order() -> None:
    first = recorded(data("P1", "P2", "P3"))
    event = corrected(state_after(first), principals("P3", "P9", "P1"))
    assert ids(event.lines) == {1: "P9"}


def test_a_removed_person_leaves_a_number_free_for_the_next_newcomer() -> None:
    first = recorded(data("P1", "P2", "P3"))
    without = corrected(state_after(first), principals("P1", "P3"))
    assert (without.lines, without.removed) == ({}, (1,))
    state = state_after(first, without)
    assert ids(state.lines) == {0: "P1", 2: "P3"}
    again = corrected(state, principals("P1", "P3", "P7", "P8"))
    assert ids(again.lines) == {3: "P7", 4: "P8"}


def test_a_changed_name_is_a_changed_line() -> None:
    first = recorded(data("P1", "P2"))
    event = corrected(
        state_after(first), {"principals": [{"scheme": "member", "id": "P1", "name": "見本 太郎"}]}
    )
    assert (ids(event.lines), event.removed) == ({0: "P1"}, (1,))
    assert event.lines[0].principal.name == "見本 太郎"


def test_null_removes_a_member_except_where_it_says_something() -> None:
    first = recorded(received(purpose="照合"))
    event = corrected(state_after(first), {"purpose": None, "acquisition": None})
    assert "purpose" not in event.record.data
    assert event.record.data["acquisition"] is None
    assert event.record.verdict.findings == ("CONFIRMATION_INCOMPLETE",)


def test_the_day_of_the_record_survives_a_correction() -> None:
    first = recorded(data(recorded_on="2026-04-02"))
    event = corrected(state_after(first), {"items": ["氏名"]})
    assert event.record.recorded_on == first.entry.record.recorded_on


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


def test_retracting_keeps_the_record_and_names_the_reason() -> None:
    first = recorded(data())
    event = retract(RETRACTION, state_after(first))
    assert event == TransferRetracted("other_person", "取り違え")
    state = state_after(first, event)
    assert state.retracted == "other_person"
    assert whole_data(state) == data()


def test_a_retracted_transfer_takes_nothing_more() -> None:
    first = recorded(data())
    state = state_after(first, TransferRetracted("duplicate"))
    with pytest.raises(AlreadyRetractedError):
        retract(RETRACTION, state)
    with pytest.raises(AlreadyRetractedError):
        corrected(state, {"items": ["氏名"]})


def test_what_is_not_there_or_has_expired_takes_no_correction() -> None:
    with pytest.raises(NotFoundError):
        retract(RETRACTION, None)
    gone = state_after(expired("provision-recorded"))
    with pytest.raises(ExpiredError):
        corrected(gone, {"items": ["氏名"]})
    with pytest.raises(ExpiredError):
        retract(RETRACTION, gone)


def test_a_message_keeps_its_series() -> None:
    message = recorded(data(method="collective", series_id="S1"))
    for changed in ("S2", None):
        with pytest.raises(MalformedError) as refused:
            corrected(state_after(message), {"series_id": changed})
        assert [(d.pointer, d.code) for d in refused.value.defects] == [
            ("/series_id", "SERIES_FIXED")
        ]


def test_a_correction_may_name_another_party() -> None:
    other = {**PARTY, "party_id": "y", "name": "緑野株式会社"}
    event = corrected(state_after(recorded(data())), {"counterparty": other})
    assert event.record.data["counterparty"] == other
