"""A case that several people work on at random: what no order of steps may ever do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.case import OPEN_TO, CaseStatus, RenderedHashes, State
from ledger.cases.events.case import (
    CaseApproved,
    CaseCorrectionRequested,
    CaseDecided,
    CaseDispatched,
    CaseDocumentsChecked,
    CaseRecordsIdentified,
    CaseRefused,
    CaseReopened,
    CaseResubmitted,
    CaseReturned,
    CaseSentBack,
    CaseSubmitted,
    CaseVerified,
    ReplyStored,
)
from ledger.cases.events.measures import CaseMeasuresDecided, ItemAnswered
from ledger.cases.events.mistakes import (
    CaseEnteredInError,
    CaseMistakeDismissed,
    CaseMistakeReported,
    CaseResumed,
)
from ledger.cases.events.substitute import CaseSubstitutesChosen
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.cases.refusals import CaseStatusError, MistakeReportedError
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Close,
    Deliver,
    Dispatch,
    IdentifyRecords,
    RecordDeath,
    Reopen,
    RequestCorrection,
    Return,
    Step,
    Submit,
    Withdraw,
)
from ledger.clock import day_in_japan
from ledger.errors import (
    LedgerError,
    SeparationOfDutiesError,
)
from ledger.format.events import CaseEvent, ExpiredEvent, Fact
from ledger.law.requests import PURPOSE_OF_USE, RETAINED_DATA
from tests.law.papers import read_with
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
    application,
    dispatched,
    held,
    refused,
    samples,
)
from tests.ledger.test_case_put_right import letters_out
from tests.ledger.test_case_replaced import sent_refusal
from tests.rounds import rounds

PEOPLE = (OFFICER, APPROVER, "officer-2")
STEPS_MAX = 16
_MADE_ANEW = (CaseDecided, CaseMeasuresDecided, CaseSubmitted, CaseApproved, CaseDispatched)
_SETTLING = (ConfirmMistake, DismissMistake)
_KEEPS_ITS_SEARCH = (CaseStatus.DISPATCHED, CaseStatus.RETURNED)
_POSTS = (CaseStatus.NOTICE_READY, *_KEEPS_ITS_SEARCH)
_CLOSED = (CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL)
_SENT_BACK_FIRST = (CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY)
_UNDONE_FIRST = (CaseStatus.WITHDRAWN, CaseStatus.PRINCIPAL_DECEASED)


TOLD = DecideMeasures("taken", information=(ItemAnswered("purposes", "発送のため"),))


def told() -> Desk:
    """A request without a search, decided."""
    return Desk().verified(application(kind=PURPOSE_OF_USE)).do(TOLD)


def possible(desk: Desk, name: str, *, posted: bool, letter: int) -> Step:
    """The step of that name, with a search that is young enough.

    Args:
        letter: number of the one that comes back, the newest is 0.
    """
    step = samples(desk.today)[name]
    if isinstance(step, Return):
        return replace(step, reply=len(desk.case.replies) - letter if letter else None)
    if isinstance(step, Dispatch):
        day = desk.case.posted_until if posted else None
        return replace(step, already_posted=posted, dispatched_on=day or desk.today)
    if isinstance(step, DecideMeasures) and not desk.case.is_searched:
        return TOLD
    return replace(step, as_of=len(desk.facts)) if isinstance(step, IdentifyRecords) else step


def tried(desk: Desk, step: Step, who: str) -> Fact[CaseEvent | ExpiredEvent] | None:
    """The first event of the step, if it is taken."""
    count = len(desk.facts)
    waits = desk.case.report is not None and desk.status != CaseStatus.ENTERED_IN_ERROR
    try:
        desk.do(step, by=who)
    except MistakeReportedError:
        assert (waits, len(desk.facts)) == (True, count)
        return None
    except LedgerError:
        assert len(desk.facts) == count
        return None
    assert not waits or isinstance(step, _SETTLING), "a report waits, and nothing else is done"
    return desk.facts[count]


def reporter_of(desk: Desk) -> str:
    """Who made the newest report, read from the log alone."""
    reports = [one for one in desk.facts if isinstance(one.event, CaseMistakeReported)]
    return reports[-1].actor


def check_step(before: State, fact: Fact[CaseEvent | ExpiredEvent], desk: Desk) -> None:
    after = desk.case
    check_time(before, fact, after)
    positions = [one.position for one in before.replies]
    assert [one.position for one in after.replies][: len(positions)] == positions
    assert before.status != CaseStatus.ENTERED_IN_ERROR, "it is the end"
    way_on = case.open_steps(after, *desk.procedures)
    assert way_on or after.status == CaseStatus.ENTERED_IN_ERROR, "the desk may have erred"
    assert all(one.delivered_on is None or one.returned is None for one in after.replies)
    if isinstance(fact.event, CaseEnteredInError | CaseResumed):
        assert fact.actor != reporter_of(desk), "a mistake is confirmed by another person"
    if after.status == CaseStatus.ENTERED_IN_ERROR:
        assert isinstance(fact.event, CaseEnteredInError)
        assert not after.replies, "whoever has a reply is told by another one"
    if after.is_open and not before.is_open:
        is_opened_again = before.status == CaseStatus.CLOSED and bool(before.replies)
        came_back = before.status in _CLOSED and isinstance(fact.event, CaseReturned)
        assert isinstance(fact.event, CaseResumed) or is_opened_again or came_back
        assert after.ended_at is None
        if after.status not in _POSTS:
            assert after.search is None, "while it was ended nobody kept the records"
            assert after.decision is None or after.is_refusal
        if after.reply_to is not None and not came_back:
            assert after.searchable_from == fact.position
    if after.search is not None and after.status not in (*_KEEPS_ITS_SEARCH, *case.ENDED):
        assert after.search.as_of >= after.searchable_from or after.revived is not None
    assert (after.revived is None) == (after.posted_until is None)
    if after.revived is not None:
        assert not isinstance(fact.event, _MADE_ANEW), "nothing new rests on an old search"
        assert after.status == CaseStatus.NOTICE_READY or not after.is_open
    assert after.is_open == (after.ended_at is None) == (after.ended_from is None)
    check_post(before, fact, desk)


def check_post(before: State, fact: Fact[CaseEvent | ExpiredEvent], desk: Desk) -> None:
    """What is in somebody's hands may have come back in truth; nobody has what did."""
    after, [procedure] = desk.case, desk.procedures
    doors = case.open_steps(after, procedure)
    if isinstance(fact.event, CaseReturned):
        number = fact.event.reply or len(before.replies)
        came = before.replies[number - 1]
        assert came.returned is None, "no letter comes back twice"
        assert after.replies[number - 1].returned == fact.event.reason
        others = [one for n, one in enumerate(before.replies, 1) if n != number]
        assert [one for n, one in enumerate(after.replies, 1) if n != number] == others
        if came != before.current_reply:
            kept = replace(before, replies=after.replies, version=after.version)
            kept = replace(kept, in_charge=fact.actor)
            assert replace(after, ended_at=before.ended_at) == kept, "a later one is in hand"
            return
        assert after.status == CaseStatus.RETURNED
        assert (Dispatch in doors) <= (after.submission is not None)
    if after.replies and after.report is None and after.status not in _SENT_BACK_FIRST:
        is_out = any(one.returned is None for one in after.replies)
        assert (Return in doors) == (is_out and after.status not in _UNDONE_FIRST)
        if after.is_open and after.reopened is not None:
            assert Close in doors, "what was opened again ends as it was"


def check_time(before: State, fact: Fact[CaseEvent | ExpiredEvent], after: State) -> None:
    if before.correction_due_on is None or isinstance(fact.event, CaseCorrectionRequested):
        return
    assert after.correction_due_on is not None
    assert after.correction_due_on >= before.correction_due_on, "no time is taken away"
    if isinstance(fact.event, CaseResumed | CaseMistakeDismissed) and after.is_open:
        assert before.report is not None
        since, today = before.ended_at or before.report.at, day_in_japan(fact.at)
        if day_in_japan(since) <= before.correction_due_on:
            assert after.correction_due_on >= today, "it has not run out in the meantime"


NAMES = tuple(samples(Desk().today))
BEGINNINGS: Sequence[Callable[[], Desk]] = (
    lambda: Desk().receive(),
    lambda: Desk().verified(),
    lambda: Desk().verified(application(kind=RETAINED_DATA)),
    lambda: Desk().verified(application(kind=PURPOSE_OF_USE)),
    lambda: told().do(SUBMIT),
    lambda: told().do(SUBMIT).do(APPROVE, by=APPROVER),
    lambda: Desk().verified().do(IDENTIFY),
    lambda: Desk().submitted(),
    lambda: Desk().approved(),
    lambda: Desk().sent(),
    lambda: Desk().sent().do(Reopen("訂正")),
    lambda: Desk().sent().do(Deliver(Desk().today)),
    letters_out,
    lambda: letters_out().do(Close()),
    lambda: Desk((read_with(returned_mail="send_again"),)).sent().do(Close()),
    refused,
    sent_refusal,
    lambda: Desk().receive().do(CheckDocuments(SHORT), RequestCorrection()),
    lambda: Desk().approved().do(Withdraw(Desk().today, "書面"), ReportEnd("別件")),
)
"""Where a walk begins: from the arrival alone hardly any comes to the post."""


@settings(max_examples=rounds(300), deadline=None)
@given(st.data())
def test_no_order_of_steps_loses_a_reply_or_opens_an_end_without_a_second_person(
    data: st.DataObject,
) -> None:
    desk = data.draw(st.sampled_from(BEGINNINGS))()
    [procedure] = desk.procedures
    for _ in range(data.draw(st.integers(1, STEPS_MAX))):
        # Mostly what is open, so that a walk comes far; now and then what is not.
        doors = [case.step_name(one) for one in case.open_steps(desk.case, procedure)]
        if not doors or data.draw(st.integers(0, 9)) == 0:
            doors = list(NAMES)
        name, who = data.draw(st.sampled_from(doors)), data.draw(st.sampled_from(PEOPLE))
        desk.later(data.draw(st.sampled_from((0, 0, 0, 1, 20))))
        before, posted = desk.case, data.draw(st.booleans())
        letter = data.draw(st.integers(0, 2))
        fact = tried(desk, possible(desk, name, posted=posted, letter=letter), who)
        if fact is not None:
            if isinstance(fact.event, CaseDispatched) and before.revived is not None:
                assert posted, "what was approved before a mistaken end goes out no more"
            check_step(before, fact, desk)
    assert case.fold(None, desk.facts) == desk.case


# -- what no sequence of steps of a case can do ----------------------------------------------------

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
        except SeparationOfDutiesError:
            assert not isinstance(step, Approve) or by in _preparers(desk, told)
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
    _preparers(desk, told)


def _preparers(desk: Desk, told: list[Told]) -> set[str]:
    """Who prepared what stands. Nobody approves it; and over what is void nobody stumbles."""
    order = ("look", "verify", "find", "decide")
    hands: dict[str, set[str]] = {}
    chose = set[str]()
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
            case CaseSubstitutesChosen():
                chose.add(one.by)
                continue
            case _:
                continue
        hands = {name: hands.get(name, set()) for name in order[: order.index(taken)]}
        hands[taken] = {one.by}
    return chose.union(*hands.values())
