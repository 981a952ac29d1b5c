"""What a reply calls kinds of identifiers: in the words of its submission, for ever."""

import pytest

from api.documents import Renderer
from ledger.cases.letters.files import csv_of
from ledger.cases.refusals import StaleApprovalError
from ledger.policies.identifiers import KINDS
from tests.replying.desk import Desk, letter, recorded, replies_of, text_of

OTHERWISE = {**KINDS, "member": "会員番号"}


def test_a_reply_names_the_kind_of_identifier_and_not_its_code(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    sent = desk.decided().sent()
    assert letter(sent.json)["kinds"] == {"member": "会員ID"}
    assert "会員ID：P1" in text_of(sent.pdf)
    assert "member" not in text_of(sent.pdf)
    assert "会員ID：P1" in sent.csv.decode()
    assert csv_of(sent.json) == sent.csv


def test_a_reply_without_a_record_says_nothing_of_kinds(desk: Desk) -> None:
    desk.verified().searched()
    assert "kinds" not in letter(desk.decided().sent().json)


def test_what_was_sent_is_made_again_in_its_own_words(desk: Desk, renderer: Renderer) -> None:
    recorded(desk.inside)
    desk.replies = replies_of(desk.inside, renderer, {})
    desk.verified().searched()
    first = desk.decided().sent()
    assert "kinds" not in letter(first.json)
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    assert desk.replies.again(desk.stream, 1) == first
    assert desk.replies.flags(desk.state) == ()


def test_other_words_void_what_waits_for_an_approval_and_nothing_that_was_approved(
    desk: Desk, renderer: Renderer
) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().submitted()
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    with pytest.raises(StaleApprovalError):
        desk.do(desk.approval(), by="approver")
    desk.replies = replies_of(desk.inside, renderer)
    approval = desk.approval()
    desk.do(approval, by="approver")
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    assert letter(desk.posted().json)["kinds"] == {"member": "会員ID"}
