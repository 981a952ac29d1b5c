"""A reply that went out is made again in the words that it had, whatever letters say since."""

import pytest

from api.case_replies import letter_dates
from api.case_replies.values import ReplyDocument, paper_of
from ledger.cases.letters.words import NOT_ASKED, WORDING
from tests.replying.desk import Desk, letter, recorded, text_of

BEFORE = "記録事項でないため記録なし"


def test_a_reply_of_before_is_made_again_byte_for_byte(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    monkeypatch.setattr(letter_dates, "WORDING", None)
    first = desk.decided().sent()
    monkeypatch.undo()
    assert "wording" not in letter(first.json)
    assert BEFORE in text_of(first.pdf)
    made = desk.replies.again(desk.stream, 1)
    assert made == first
    assert dict(made.documents) == dict(desk.replies.stored(desk.stream, 1))
    assert desk.replies.flags(desk.state) == ()


def test_a_reply_of_today_says_how_it_is_worded(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    sent = desk.decided().sent()
    assert letter(sent.json)["wording"] == WORDING
    assert NOT_ASKED in text_of(sent.pdf)
    assert BEFORE not in sent.csv.decode()
    assert desk.replies.again(desk.stream, 1) == sent


def test_the_documents_of_a_long_reply_are_printed_in_their_order() -> None:
    further = (b"second", b"third")
    made = ReplyDocument(b"first", b"{}", b"", b"method", (), 3, further)
    assert list(made.documents) == [
        "reply.pdf",
        "reply.json",
        "method.pdf",
        "annex-2.pdf",
        "annex-3.pdf",
    ]
    assert paper_of(made.documents) == (b"first", *further)
    assert paper_of({"reply.pdf": b"first", "reply.json": b"{}"}) == (b"first",)
