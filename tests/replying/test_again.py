"""A reply that went out: made again from its case, and kept as it was sent."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from uuid import UUID

import psycopg
import pytest

from api.case_replies import letter_dates
from api.case_replies.values import METHOD_PDF
from api.documents import Renderer
from ledger.cases import reply_steps
from ledger.cases.letters.codes import code_of
from ledger.cases.letters.files import csv_of
from ledger.cases.letters.words import WORDING
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Return
from ledger.clock import day_in_japan
from ledger.commands import PublishProcedure
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.format.envelope import StoredFact
from ledger.format.events import ReplyStored
from ledger.format.header import read_header
from ledger.law.procedure.policy_2022 import POLICY_2022
from ledger.policies.identifiers import KINDS
from ledger.values import Json, PrincipalRef
from projections.rebuild import rebuild
from tests.bulk.sending import people, sender
from tests.documents.scanning import codes_in
from tests.ledger.case_given import NOON
from tests.ledger.excluding import exclude, lift
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside, inside
from tests.replying.desk import LOG, Desk, letter, party, recorded, replies_of, text_of, whole

OTHERWISE = {**KINDS, "member": "会員番号"}


def facts(desk: Desk) -> list[StoredFact]:
    return list(desk.inside.house.reads.facts_of_streams([desk.stream], None))


def answered(desk: Desk) -> Desk:
    recorded(desk)
    desk.verified().searched()
    return desk.decided()


def test_it_is_the_same_after_more_events_a_rebuild_a_restart_and_under_another_name_of_the_log(
    desk: Desk,
) -> None:
    """A partial reply to whom wanted files, on paper."""
    first, second, third = recorded(desk)
    desk.verified(medium="electronic").searched()
    desk.decided([whole(second)], medium="paper", medium_reason="設備がないためです。")
    document = desk.sent()
    assert document.method is not None
    desk.record(counterparty=party("川上運輸株式会社"))
    desk.correct(first, items=["氏名"])
    desk.retract(third, "not_a_transfer")
    desk.record(desk.email)
    desk.link(desk.who, desk.email)
    desk.rename("見本 改子")
    house = desk.inside
    house.follow()
    assert desk.replies.reproduce(desk.stream, 1) == document
    rebuild(house.house.follower(), house.connection)
    assert desk.replies.reproduce(desk.stream, 1) == document
    with inside(house.database) as restarted, closing(Renderer()) as other:
        elsewhere = replies_of(restarted, other, log="elsewhere.example.jp/main")
        assert elsewhere.reproduce(desk.stream, 1) == document


def test_what_is_kept_is_what_was_sent_and_opens_under_the_case_alone(desk: Desk) -> None:
    recorded(desk)
    desk.verified(medium="electronic").searched()
    document = desk.decided(medium="paper", medium_reason="設備がないためです。").sent()
    stored = desk.replies.stored(desk.stream, 1)
    assert stored == desk.replies.reproduce(desk.stream, 1).documents == document.documents
    assert set(stored) == {"reply.pdf", "reply.json", METHOD_PDF}
    [kept] = [one for one in facts(desk) if one.type == ReplyStored.TYPE]
    posted = next(one for one in facts(desk) if one.type == "case-dispatched")
    approved = next(one for one in facts(desk) if one.type == "case-approved")
    assert (kept.position, kept.position + 1) == (approved.position + 1, posted.position)
    keys = {
        read_header(one.header).sealed_key for one in facts(desk) if one.type != "review-sealed"
    }
    assert len(keys) == 1
    with psycopg.connect(desk.inside.database.admin) as connection:
        rows = connection.execute("SELECT part FROM ledger.sealed_parts").fetchall()
        assert rows
        for (row,) in rows:
            assert not any(one in bytes(row) for one in (b"%PDF", b'"type":"letter"'))
    # It bears the code that its file makes.
    shown = json.loads(document.json)
    assert shown["log"] == LOG
    assert code_of(shown) == shown["verification_code"] == desk.state.replies[-1].code
    [(_, scanned)] = codes_in(document.pdf)
    assert shown["verification_code"] in scanned
    assert document.method is not None
    assert codes_in(document.method) == []
    # What was never sent is not there.
    asked: list[Callable[[UUID, int], object]] = [desk.replies.reproduce, desk.replies.stored]
    for ask in asked:
        for case, number in (
            (desk.stream, -1),
            (desk.stream, 0),
            (desk.stream, 2),
            (kept.stream, 9),
        ):
            with pytest.raises(NotFoundError):
                ask(case, number)
        with pytest.raises(NotFoundError):
            ask(random_uuid(), 1)
    # A piece that is missing is a fault.
    with psycopg.connect(desk.inside.database.admin) as connection:
        connection.execute("SET session_replication_role = replica")
        place = (kept.position,)
        connection.execute("DELETE FROM ledger.sealed_parts WHERE position = %s AND n = 2", place)
    with pytest.raises(CorruptRecordError):
        desk.replies.stored(desk.stream, 1)


def test_what_the_post_brought_back_and_is_sent_again_is_kept_once(desk: Desk) -> None:
    version = {**POLICY_2022, "effective_from": "2026-11-01"}
    version["readings"] = {"returned_mail": "send_again"}
    desk.inside.ledger.publish_procedure(PublishProcedure(random_uuid(), ACTOR, version), NOON)
    document = answered(desk).sent()
    desk.do(Return(day_in_japan(desk.inside.now), "not_collected"))
    assert desk.posted() == document
    types = [one.type for one in facts(desk)]
    assert (types.count("case-dispatched"), types.count(ReplyStored.TYPE)) == (2, 1)
    for number in (1, 2):
        assert desk.replies.stored(desk.stream, number) == document.documents
        assert desk.replies.reproduce(desk.stream, number) == document


def test_a_document_that_is_too_large_for_one_piece_is_kept_in_several(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_steps, "PIECE_BYTES_MAX", 5_000)
    document = answered(desk).sent()
    parts = [one for one in facts(desk) if one.type == ReplyStored.TYPE]
    pieces = sum(-(-len(one) // 5_000) for one in document.documents.values())
    assert len(parts) == -(-pieces // 8) > 1
    assert desk.replies.stored(desk.stream, 1) == document.documents


def test_what_was_excluded_or_lifted_later_changes_no_reply_that_was_sent(desk: Desk) -> None:
    streams = recorded(desk)
    desk.exclude(streams[1])
    desk.verified().searched()
    document = desk.decided().sent()
    desk.lift(streams[1])
    desk.exclude(streams[2])
    assert desk.replies.reproduce(desk.stream, 1) == document
    assert "山道商会" in document.json.decode()
    assert "海風物産" not in document.json.decode()


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
            desk.exclude(*recorded(desk))
        desk.verified().searched()
        desk.decided().submitted()
        letters.append(masked(desk.rendered()[1].json.decode()))
    assert letters[0] == letters[1]


def test_what_was_sent_is_made_again_in_its_own_words(
    desk: Desk, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of before kinds of identifiers had names and letters a wording; and today's."""
    desk.replies = replies_of(desk.inside, renderer, {})
    monkeypatch.setattr(letter_dates, "WORDING", None)
    first = answered(desk).sent()
    monkeypatch.undo()
    assert not {"kinds", "wording"} & letter(first.json).keys()
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    assert desk.replies.reproduce(desk.stream, 1) == first
    assert desk.replies.flags(desk.state) == ()

    other = desk.another()
    other.replies = replies_of(desk.inside, renderer)
    sent = answered(other).sent()
    assert (letter(sent.json)["kinds"], letter(sent.json)["wording"]) == (
        {"member": "会員ID"},
        WORDING,
    )
    assert f"会員ID：{other.who.id}" in text_of(sent.pdf)
    assert csv_of(sent.json) == sent.csv
    other.replies = desk.replies
    assert other.replies.reproduce(other.stream, 1) == sent


def test_other_words_void_what_waits_for_an_approval_and_nothing_that_was_approved(
    desk: Desk, renderer: Renderer
) -> None:
    answered(desk).submitted()
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    with pytest.raises(StaleApprovalError):
        desk.do(desk.approval(), by="approver")
    desk.replies = replies_of(desk.inside, renderer)
    desk.do(desk.approval(), by="approver")
    desk.replies = replies_of(desk.inside, renderer, OTHERWISE)
    assert letter(desk.posted().json)["kinds"] == {"member": "会員ID"}


# -- of a bulk transfer that is excluded for one of its persons each is told what is theirs ----

PERSONS = 1_001
"""More than are ever listed."""


def replied(house: Inside, renderer: Renderer, who: str) -> dict[str, Json]:
    """What a reply to the person tells, without what every letter has for itself."""
    desk = Desk(house, replies_of(house, renderer), who=PrincipalRef("member", who))
    desk.verified().searched()
    told = letter(desk.decided().sent().json)
    own = ("at", "case_number", "code_salt", "verification_code", "search")
    coverage: Json = told["search"]["coverage"]
    return {name: value for name, value in told.items() if name not in own} | {"search": coverage}


def test_the_one_is_told_that_there_is_nothing_and_another_the_record(
    house: Inside, renderer: Renderer
) -> None:
    sender(house).sent("bulk", people(PERSONS))
    whole = {one: replied(house, renderer, one) for one in ("B0", "B1")}
    exclude(house, 1, of="B1")
    nobody = replied(house, renderer, "B9999")
    assert nobody["content"] == {"kind": "NOT_EXIST"}
    assert replied(house, renderer, "B1") == nobody
    assert replied(house, renderer, "B0") == whole["B0"] != nobody
    lift(house, 1, of="B1")
    assert replied(house, renderer, "B1") == whole["B1"]
