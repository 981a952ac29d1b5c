"""What an audit says of letters that went out: made again from their cases and records."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.case_replies import replies as making
from api.case_replies.letter_audit import LetterOutcome, letter_checks
from api.case_replies.values import JSON
from api.cli.audit import Audit
from api.documents import Renderer
from api.server.loaded_bag import filled, indexed
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports.audit_bag import AuditExporter, AuditRequest
from ledger.exports.audit_reader import AuditBag
from ledger.streams.streams import Streams
from tests.database import Server, cloned_database
from tests.ledger.inside import Inside
from tests.replying.desk import Desk, party, recorded, replies_of, whole


def outcomes(desk: Desk) -> list[LetterOutcome]:
    found = letter_checks(desk.replies, desk.inside.house.streams)
    return [one.outcome for one in found]


def sent(desk: Desk) -> Desk:
    _, second, _ = recorded(desk)
    desk.verified(medium="electronic").searched()
    desk.decided([whole(second)], medium="paper", medium_reason="設備がないためです。")
    desk.sent()
    return desk


def test_a_letter_is_made_again_byte_for_byte_whatever_came_since_and_from_a_bag(
    desk: Desk, server: Server, tmp_path: Path, renderer: Renderer
) -> None:
    sent(desk)
    desk.record(counterparty=party("川上運輸株式会社"))
    assert outcomes(desk) == [LetterOutcome.SAME]

    house, place = desk.inside.house, tmp_path / "bag"
    exporter = AuditExporter(house.streams, house.reader, house.macs, house.keys)
    exporter.make(AuditRequest(random_uuid(), desk.inside.now), None, place)
    bag = AuditBag(str(place))
    bag.check(None)
    with (
        cloned_database(server) as database,
        filled(bag, database.urls, lambda: desk.inside.now) as container,
    ):
        made = Audit(container, before=indexed(container))
        assert list(made.lines()) == []
        with_bag = Desk(Inside(container, database, desk.inside.connection), desk.replies)
        replies = replies_of(with_bag.inside, renderer)
        assert list(made.lines_of_letters(replies)) == []
        assert made.letters == {LetterOutcome.SAME: 1}


def changed(monkeypatch: pytest.MonkeyPatch, **members: Any) -> None:  # noqa: ANN401 -- JSON
    """What went out says something else than was made; whoever sent it named its digest."""
    honest = making.documents_of

    def documents(streams: Streams, case: UUID, content: bytes) -> Mapping[str, bytes]:
        found = dict(honest(streams, case, content))
        letter = json.loads(found[JSON])
        for name, value in members.items():
            letter[name] = {**letter[name], **value}
        return found | {JSON: json.dumps(letter).encode()}

    monkeypatch.setattr(making, "documents_of", documents)


def test_a_letter_that_says_something_else_than_the_records_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(desk)
    changed(monkeypatch, content={"lines": []})
    made = Audit(desk.inside.house)
    [one] = made.lines_of_letters(desk.replies)
    assert "says something else than the records" in one
    assert (made.named, made.letters) == (1, {LetterOutcome.DIFFERS: 1})


def test_what_rests_on_heartbeats_and_how_it_is_set_accuses_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(desk)
    changed(monkeypatch, search={"coverage": ["別の文"]})
    assert outcomes(desk) == [LetterOutcome.OTHERWISE]
