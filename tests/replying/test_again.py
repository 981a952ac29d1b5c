"""A reply that went out: made again from its case, and kept as it was sent."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from uuid import UUID

import psycopg
import pytest

from api.case_replies import ReplyDocument
from api.case_replies.values import METHOD_PDF
from api.contract import check
from api.documents import Renderer
from ledger.cases import reply_steps
from ledger.cases.letters.codes import code_of
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Return
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    PublishProcedure,
    RenamePrincipal,
    RetractTransfer,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.format.events import ReplyStored
from ledger.format.header import read_header
from ledger.law.procedure.policy_2022 import POLICY_2022
from ledger.values import PrincipalRef
from projections.rebuild import rebuild
from tests.documents.scanning import codes_in
from tests.ledger.case_given import NOON
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import inside
from tests.replying.desk import LOG, MEMBER, Desk, late, party, recorded, replies_of, whole


def sent(desk: Desk) -> tuple[ReplyDocument, tuple[UUID, UUID, UUID]]:
    """A partial reply to whom wanted files, on paper; and the records there are."""
    streams = recorded(desk.inside)
    desk.verified(medium="electronic").searched()
    desk.decided([whole(streams[1])], medium="paper", medium_reason="設備がないためです。")
    return desk.sent(), streams


def more(desk: Desk, streams: tuple[UUID, UUID, UUID]) -> None:
    """Everything that may be recorded later about the same person and the same records."""
    house, first, third = desk.inside, streams[0], streams[2]
    house.record("t-9", data(counterparty=party("川上運輸株式会社")))
    changed = check(data(items=["氏名"]), NOON.date())
    wrong = CorrectTransfer(random_uuid(), ACTOR, first, changed, "wrong_content")
    house.ledger.correct(wrong, house.now)
    gone = RetractTransfer(random_uuid(), ACTOR, third, "not_a_transfer")
    house.ledger.retract(gone, house.now)
    other = PrincipalRef("email", "a@example.jp")
    house.record("t-10", data(principals=[{"scheme": "email", "id": "a@example.jp"}]))
    house.ledger.link(LinkIdentifiers(random_uuid(), ACTOR, MEMBER, other, "登録"), house.now)
    renamed = RenamePrincipal(random_uuid(), ACTOR, MEMBER, "見本 改子")
    house.ledger.direct(renamed, house.now)


def test_it_is_the_same_after_more_events_a_rebuild_and_a_restart(
    desk: Desk,
) -> None:
    document, streams = sent(desk)
    more(desk, streams)
    house = desk.inside
    house.follow()
    assert desk.replies.again(desk.stream, 1) == document
    rebuild(house.house.follower(), house.connection)
    assert desk.replies.again(desk.stream, 1) == document
    with inside(house.database) as restarted, closing(Renderer()) as other:
        again = replies_of(restarted, other).again(desk.stream, 1)
    assert again == document
    assert document.method is not None


def test_what_is_kept_is_what_was_sent_and_opens_under_the_case_alone(desk: Desk) -> None:
    document, _ = sent(desk)
    stored = desk.replies.stored(desk.stream, 1)
    assert stored == desk.replies.again(desk.stream, 1).documents
    assert set(stored) == {"reply.pdf", "reply.json", METHOD_PDF}
    assert stored == document.documents
    facts = desk.inside.house.reads.facts_of_streams([desk.stream], None)
    [kept] = [one for one in facts if one.type == ReplyStored.TYPE]
    posted = next(one for one in facts if one.type == "case-dispatched")
    approved = next(one for one in facts if one.type == "case-approved")
    assert (kept.position, kept.position + 1) == (approved.position + 1, posted.position)
    keys = {read_header(one.header).sealed_key for one in facts if one.type != "review-sealed"}
    assert len(keys) == 1
    with psycopg.connect(desk.inside.database.admin) as connection:
        rows = connection.execute("SELECT part FROM ledger.sealed_parts").fetchall()
    assert rows
    for (row,) in rows:
        assert not any(one in bytes(row) for one in (b"%PDF", b'"type":"letter"'))


def test_each_reply_of_a_case_is_made_again_as_it_was(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    first = desk.decided().sent()
    late(desk.inside, counterparty=party("川上運輸株式会社"))
    desk.reopened("別の記録が見つかったためです。").searched()
    second = desk.decided().sent()
    assert first.json != second.json
    for number, document in ((1, first), (2, second)):
        assert desk.replies.again(desk.stream, number) == document
        assert desk.replies.stored(desk.stream, number) == document.documents


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_reply_that_was_never_sent_is_not_there(number: int, desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    asked: list[Callable[[UUID, int], object]] = [desk.replies.again, desk.replies.stored]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask(desk.stream, number)
        with pytest.raises(NotFoundError):
            ask(random_uuid(), 1)


def sends_again(desk: Desk) -> None:
    """The operator publishes that returned mail is sent once more."""
    version = {**POLICY_2022, "effective_from": "2026-11-01"}
    version["readings"] = {"returned_mail": "send_again"}
    publish = PublishProcedure(random_uuid(), ACTOR, version)
    desk.inside.ledger.publish_procedure(publish, NOON)


def test_what_the_post_brought_back_and_is_sent_again_is_kept_once(desk: Desk) -> None:
    sends_again(desk)
    recorded(desk.inside)
    desk.verified().searched()
    document = desk.decided().sent()
    desk.do(Return(day_in_japan(desk.inside.now), "not_collected"))
    assert desk.posted() == document
    facts = desk.inside.house.reads.facts_of_streams([desk.stream], None)
    types = [one.type for one in facts]
    assert (types.count("case-dispatched"), types.count(ReplyStored.TYPE)) == (2, 1)
    for number in (1, 2):
        assert desk.replies.stored(desk.stream, number) == document.documents
        assert desk.replies.again(desk.stream, number) == document


def test_a_document_that_is_too_large_for_one_piece_is_kept_in_several(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_steps, "PIECE_BYTES_MAX", 5_000)
    recorded(desk.inside)
    desk.verified().searched()
    document = desk.decided().sent()
    facts = desk.inside.house.reads.facts_of_streams([desk.stream], None)
    parts = [one for one in facts if one.type == ReplyStored.TYPE]
    pieces = sum(-(-len(one) // 5_000) for one in document.documents.values())
    assert len(parts) == -(-pieces // 8) > 1
    assert desk.replies.stored(desk.stream, 1) == document.documents


def test_a_piece_that_is_missing_is_a_fault(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    facts = desk.inside.house.reads.facts_of_streams([desk.stream], None)
    [kept] = [one for one in facts if one.type == ReplyStored.TYPE]
    with psycopg.connect(desk.inside.database.admin) as connection:
        connection.execute("SET session_replication_role = replica")
        place = (kept.position,)
        connection.execute("DELETE FROM ledger.sealed_parts WHERE position = %s AND n = 2", place)
    with pytest.raises(CorruptRecordError):
        desk.replies.stored(desk.stream, 1)


def test_what_is_excluded_later_voids_an_approval_and_changes_no_reply_that_was_sent(
    desk: Desk,
) -> None:
    streams = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    desk.exclude(streams[0])
    with pytest.raises(StaleApprovalError):
        desk.posted()
    desk.lift(streams[0])
    document = desk.posted()
    desk.exclude(streams[2])
    assert desk.replies.again(desk.stream, 1) == document
    assert "山道商会" in document.json.decode()


def test_what_was_excluded_then_stays_out_when_it_is_lifted(desk: Desk) -> None:
    streams = recorded(desk.inside)
    desk.exclude(streams[1], streams[2])
    desk.verified().searched()
    document = desk.decided().sent()
    desk.lift(streams[1], streams[2])
    assert desk.replies.again(desk.stream, 1) == document
    assert document.annexes == ("別紙1　当社が提供した記録",)
    for one in ("海風物産", "山道商会"):
        assert one not in document.json.decode()


def masked(text: str) -> str:
    """The letter without what may differ between two that say there is none (decision 0037)."""
    texts = ("at", "case_number", "code_salt", "verification_code")
    for pattern in (*(f'"{name}":"[^"]*"' for name in texts), r'"position":[0-9]+'):
        text = re.sub(pattern, "-", text)
    return text


def test_a_letter_that_says_there_is_none_does_not_tell_why(desk: Desk) -> None:
    letters: list[str] = []
    for is_excluded in (False, True):
        if is_excluded:
            streams = recorded(desk.inside)
            desk.exclude(*streams)
        desk.verified().searched()
        desk.decided().submitted()
        letters.append(masked(desk.rendered()[1].json.decode()))
    assert letters[0] == letters[1]


def test_a_reply_bears_the_code_that_its_file_makes(desk: Desk) -> None:
    document, _ = sent(desk)
    shown = json.loads(document.json)
    assert shown["log"] == LOG
    assert code_of(shown) == shown["verification_code"] == desk.state.replies[-1].code
    assert document.method is not None
    [(_, scanned)] = codes_in(document.pdf)
    assert shown["verification_code"] in scanned
    assert codes_in(document.method) == []


def test_a_reply_is_made_again_alike_when_the_log_has_another_name_by_now(desk: Desk) -> None:
    document, _ = sent(desk)
    with closing(Renderer()) as renderer:
        other = replies_of(desk.inside, renderer, log="elsewhere.example.jp/main")
        assert other.again(desk.stream, 1) == document
