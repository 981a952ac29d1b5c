"""A rejected item of the person that comes between the approval and the post."""

import pytest

from ledger.cases.refusals import StaleApprovalError
from tests.ledger.given import data
from tests.replying.desk import MEMBER, Desk
from tests.replying.test_namesakes_since import searched, verified
from tests.replying.test_unseen import rejected


def test_no_denial_goes_out_beside_an_item_that_nobody_has_looked_at(desk: Desk) -> None:
    searched(verified(desk)).decided().approved()
    rejected(desk, scheme="member", id="P9")
    desk.inside.follow()
    assert desk.replies.approved(desk.state)[0] is not None, "it is somebody else's"
    rejected(desk, scheme=MEMBER.scheme, id=MEMBER.id)
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.posted()
    assert desk.posted(already_posted=True).pdf, "it had left the house"


def test_an_answer_with_records_goes_out_without_delay(desk: Desk) -> None:
    verified(desk)
    desk.inside.record("t-1", data(MEMBER.id))
    desk.searched()
    desk.decided().approved()
    rejected(desk, scheme=MEMBER.scheme, id=MEMBER.id)
    desk.inside.follow()
    assert desk.replies.still_reads(desk.state)
    assert desk.posted().pdf
