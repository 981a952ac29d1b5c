"""Settling findings: who settles has seen all that stand, and what is new is to be handled."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands import SettleFindings
from ledger.errors import AlreadyRetractedError, ExpiredError, MalformedError, NotFoundError
from ledger.format.events import RecordCarriedForward, TransferFindingsSettled, TransferRetracted
from ledger.streams.history import entry_of
from ledger.transfers import transfer
from ledger.transfers.settlement import ACTIONS, FindingsDifferError, NothingToSettleError, settle
from tests.ledger.given import (
    ACTOR,
    COMMAND,
    PARTY,
    STREAM,
    corrected,
    data,
    expired,
    facts,
    reclassified,
    recorded,
    state_after,
    stopped,
)

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


@pytest.mark.parametrize("codes", [(), ("JU_NO_NOTICE",), (CODE, "JU_NO_NOTICE")])
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


def test_it_may_be_settled_again() -> None:
    first = recorded(data(**LAWLESS))
    actions = [one.action for one in state_after(*settled(*settled(first))).settlements]
    assert actions == ["stopped", "stopped"]


def test_another_finding_makes_it_open_again_by_its_code_alone() -> None:
    events = settled(recorded(data(**LAWLESS)))
    worse = corrected(state_after(*events), INCOMPLETE)
    state = state_after(*events, worse)
    assert state.open_findings == ("COUNTERPARTY_INCOMPLETE",)
    assert state_after(*settled(*events, worse)).open_findings == ()


def test_what_was_mended_and_comes_again_is_open_again() -> None:
    events = settled(recorded(data(**LAWLESS)))
    mended = corrected(state_after(*events), {"consent": {"obtained": True}})
    events = (*events, mended)
    assert state_after(*events).findings == ()
    again = corrected(state_after(*events), LAWLESS)
    assert state_after(*events, again).open_findings == (CODE,)


def test_what_another_person_withdrew_later_is_open_though_the_code_was_settled() -> None:
    events = settled(recorded(data("P1", "P2"), context=stopped(0)))
    assert state_after(*events).open_findings == ()
    late = reclassified(state_after(*events), {}, stopped(0, 1))
    assert state_after(*events, late).open_findings == (WITHDRAWN,)


def test_the_line_of_somebody_else_is_not_settled_by_its_number() -> None:
    events = settled(recorded(data("P1", "P2"), context=stopped(0)))
    people: dict[str, Any] = {
        "principals": [{"scheme": "member", "id": one} for one in ("P9", "P2")]
    }
    other = corrected(state_after(*events), people, stopped(0))
    state = state_after(*events, other)
    assert state.lines[0].principal.id == "P9"
    assert state.open_findings == (WITHDRAWN,)


def test_a_finding_that_is_the_transfer_s_is_not_one_of_its_persons_too() -> None:
    events = settled(recorded(data("P1", "P2", **INCOMPLETE)))
    late = reclassified(state_after(*events), {}, stopped(0))
    assert state_after(*events, late).open_findings == (WITHDRAWN,)


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
    stood = [transfer.standing_findings(one) for one in states]
    settled_at = [n for n, one in enumerate(events) if isinstance(one, TransferFindingsSettled)]
    handled = {
        finding
        for finding in stood[-1]
        if any(all(finding in later for later in stood[n:]) for n in settled_at)
    }
    assert states[-1].open_findings == tuple(sorted({code for _, code in stood[-1] - handled}))
    assert all(b.version == a.version + 1 for a, b in pairwise(states))
    assert set(ACTIONS) >= {done.action for done in states[-1].settlements}
