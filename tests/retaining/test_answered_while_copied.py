"""A person whose records end day after day is answered, though the case keeps copies meanwhile."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from api.documents import Renderer
from api.resources.transfers.schemas import transfer_facts
from ledger.cases.case import CaseStatus
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Dispatch
from ledger.clock import day_in_japan
from tests.ledger.case_given import APPROVER
from tests.ledger.given import person
from tests.replying.desk import ITEM_NUMBER, Desk, replies_of
from tests.retaining.desk import received, verified
from tests.retaining.keeper import Keeper

BEGIN, ENDS = date(2024, 4, 1), date(2027, 4, 1)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    made.close()


@pytest.fixture
def desk(kept: Keeper, renderer: Renderer) -> Desk:
    """A case of a person of whom something was recorded on each of six days, three years ago."""
    for n in range(6):
        kept.on(BEGIN + timedelta(days=n))
        kept.sent(f"r{n}", "P1", "P2")
    kept.on(ENDS)
    case = received(kept, "P1")
    verified(kept, case)
    replies = replies_of(kept.inside, renderer)
    return Desk(kept.inside, replies, stream=case, who=person("P1"))


def next_day(kept: Keeper, day: int) -> None:
    """The daily run copies what the case keeps, of which one record ends each day."""
    kept.on(ENDS + timedelta(days=day))
    assert kept.purge().carried == 1


def test_search_approval_and_post_may_be_on_different_days(kept: Keeper, desk: Desk) -> None:
    next_day(kept, 1)
    assert len(desk.searched().provided) == 6
    next_day(kept, 2)
    desk.decided().submitted()
    next_day(kept, 3)
    desk.do(desk.approval(), by=APPROVER)
    next_day(kept, 4)
    rendered, _ = desk.replies.approved(desk.state)
    desk.do(Dispatch(rendered, day_in_japan(kept.inside.now), ITEM_NUMBER))
    assert desk.state.status == CaseStatus.DISPATCHED
    assert desk.flags() == set()


def test_what_is_said_of_the_person_meanwhile_still_wants_another_search(
    kept: Keeper, desk: Desk
) -> None:
    desk.searched()
    desk.decided().submitted()
    next_day(kept, 1)
    desk.correct(kept.transfers["r0"], items=["電話番号"])
    kept.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.approval()


def test_a_person_who_is_taken_out_of_a_record_wants_another_search(
    kept: Keeper, desk: Desk
) -> None:
    desk.searched()
    desk.decided().submitted()
    desk.correct(kept.transfers["r0"], principals=[{"scheme": "member", "id": "P2"}])
    kept.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.approval()


def test_a_copy_is_seen_neither_in_a_history_nor_in_a_transfer(kept: Keeper, desk: Desk) -> None:
    """Else it would tell that somebody hidden (Order 11), for whom it is kept, stands in it."""
    stream, streams = kept.transfers["r1"], kept.inside.house.streams
    kept.inside.follow()

    def seen() -> object:
        head, histories = streams.reads.head(), kept.inside.house.histories
        entries = histories.page([desk.who], head, None, 10).entries
        facts = transfer_facts(streams, stream, streams.visibility())[1]
        spoken = [(one.position, one.positions, one.messages) for one in entries]
        return spoken, [(one.position, one.version) for one in facts]

    before = seen()
    for day in (1, 2, 3):
        next_day(kept, day)
    kept.inside.follow()
    assert seen() == before
    desk.correct(stream, items=["電話番号"])
    assert transfer_facts(streams, stream, streams.visibility())[1][-1].version == 2
