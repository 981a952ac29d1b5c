"""What no sequence of steps of a case can do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import OPEN_TO, CaseStatus, RenderedHashes
from ledger.cases.events.case import (
    CaseApproved,
    CaseDecided,
    CaseDispatched,
    CaseDocumentsChecked,
    CaseRecordsIdentified,
    CaseRefused,
    CaseReopened,
    CaseResubmitted,
    CaseSentBack,
    CaseSubmitted,
    CaseVerified,
    ReplyStored,
)
from ledger.cases.refusals import CaseStatusError
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Dispatch,
    RecordDeath,
    Step,
    Submit,
    Withdraw,
)
from ledger.errors import (
    LedgerError,
)
from tests.ledger.case_given import (
    ALL,
    APPROVE,
    APPROVER,
    CODE,
    DISCLOSE,
    DOCUMENTS,
    IDENTIFY,
    LETTER,
    OFFICER,
    OTHER_LETTER,
    SHORT,
    SUBMIT,
    Desk,
    dispatched,
    held,
    refused,
    samples,
)
from tests.rounds import rounds

_HELD = replace(DISCLOSE, withheld=(held(ALL[1]),))
_PEOPLE = (OFFICER, APPROVER, "officer-2")


def _variants(day: date) -> list[Step]:
    more: tuple[Step, ...] = (
        CheckDocuments(SHORT),
        _HELD,
        Submit(OTHER_LETTER, CODE),
        Approve(OTHER_LETTER, DOCUMENTS),
        replace(dispatched(day), rendered=OTHER_LETTER),
    )
    return [*samples(day).values(), *more]


class Told:
    """Who did the step of an event, and with which letter."""

    def __init__(self, by: str, rendered: RenderedHashes | None = None) -> None:
        self.by = by
        self.rendered = rendered


def _begun(drawn: st.DataObject) -> tuple[Desk, list[Told]]:
    """A case at its beginning or further on, and who did what."""
    ways: dict[str, Callable[[], Desk]] = {
        "received": lambda: Desk().receive(),
        "verified": lambda: Desk().verified(),
        "decided": lambda: Desk().verified().do(IDENTIFY, DISCLOSE),
        "submitted": lambda: Desk().submitted(),
        "refused": refused,
    }
    desk = ways[drawn.draw(st.sampled_from(sorted(ways)))]()
    told = [Told(OFFICER) for _ in desk.facts]
    if desk.status == CaseStatus.SUBMITTED:
        told[-1] = Told(OFFICER, LETTER)
    return desk, told


@given(drawn=st.data())
@settings(max_examples=rounds(200), deadline=None)
def test_no_sequence_of_steps_breaks_what_a_case_promises(drawn: st.DataObject) -> None:
    desk, told = _begun(drawn)
    for _ in range(drawn.draw(st.integers(3, 15))):
        variants = _variants(desk.today)
        ready = [one for one in variants if desk.status in OPEN_TO[type(one)]]
        # Most steps lead on: an early end has nothing more to break.
        onward = [one for one in ready if not isinstance(one, Withdraw | RecordDeath)]
        pools = [one for one in (onward, onward, onward, onward, ready, variants) if one]
        step = drawn.draw(st.sampled_from(drawn.draw(st.sampled_from(pools))))
        by = drawn.draw(st.sampled_from(_PEOPLE))
        count, before = len(desk.facts), desk.status
        try:
            desk.do(step, by=by)
        except CaseStatusError:
            pass
        except LedgerError:
            assert before in OPEN_TO[type(step)]
        else:
            assert before in OPEN_TO[type(step)]
        rendered = step.rendered if isinstance(step, Submit | Approve | Dispatch) else None
        told += [Told(by, rendered)] * (len(desk.facts) - count)
        desk.later(drawn.draw(st.sampled_from((0, 0, 1, 31))))
    _check_promises(desk, told)


def _check_promises(desk: Desk, told: list[Told]) -> None:
    """Look at the events one by one, with variables of its own."""
    submitted: RenderedHashes | None = None
    is_approved = False
    checked: str | None = None
    is_verified = False
    found: int | None = None
    kept = False
    for fact, one in zip(desk.facts, told, strict=True):
        match fact.event:
            case CaseDocumentsChecked() as event:
                checked, is_verified, found, is_approved = event.outcome, False, None, False
            case CaseVerified():
                assert checked == "verified"
                is_verified = True
            case CaseRecordsIdentified() as event:
                assert is_verified
                found, is_approved = event.provided + event.received, False
            case CaseDecided() as event:
                assert found == event.disclosed + sum(not w.items for w in event.withheld)
                is_approved = False
            case CaseRefused():
                assert checked in ("correction_requested", "procedural_refusal")
                assert not is_verified
                is_approved = False
            case CaseSubmitted():
                submitted, is_approved = one.rendered, False
            case CaseApproved():
                assert one.rendered == submitted
                is_approved = True
            case CaseDispatched():
                assert is_approved
                assert one.rendered == submitted
                assert kept
            case ReplyStored():
                assert is_approved
                kept = True
            case CaseResubmitted():
                checked, is_verified, found, is_approved = None, False, None, False
            case CaseReopened():
                found, is_approved = None, False
            case CaseSentBack():
                is_approved = False
            case _:
                pass
    assert desk.case.version == len(desk.facts)
    assert desk.case == case.fold(None, desk.facts)
    _check_two_people(desk, told)


def _check_two_people(desk: Desk, told: list[Told]) -> None:
    """Nobody approves what they prepared; the same way, over what each event makes void."""
    order = ("look", "verify", "find", "decide")
    hands: dict[str, set[str]] = {}
    for fact, one in zip(desk.facts, told, strict=True):
        match fact.event:
            case CaseSubmitted():
                hands["decide"].add(one.by)
                continue
            case CaseApproved():
                assert all(one.by not in who for who in hands.values())
                continue
            case CaseDocumentsChecked():
                taken = "look"
            case CaseVerified():
                taken = "verify"
            case CaseRecordsIdentified():
                taken = "find"
            case CaseDecided() | CaseRefused():
                taken = "decide"
            case CaseResubmitted():
                hands = {}
                continue
            case CaseReopened():
                hands = {name: who for name, who in hands.items() if name in order[:2]}
                continue
            case _:
                continue
        hands = {name: hands.get(name, set()) for name in order[: order.index(taken)]}
        hands[taken] = {one.by}


def test_the_usual_way_ends_with_a_reply_under_way() -> None:
    for desk in (Desk().sent(), refused().do(SUBMIT).do(APPROVE, by=APPROVER)):
        told = [Told(OFFICER, LETTER) for _ in desk.facts]
        for fact, one in zip(desk.facts, told, strict=True):
            one.by = fact.actor
        _check_promises(desk, told)
