"""One provision through all ten stations of the corridor (ARCHITECTURE.md), a look at each."""

import asyncio
from datetime import datetime
from typing import Any

import psycopg

from api.auth import ApiKeyTable, Authenticator, Tokens, make
from api.container import Container
from api.resources.transfers.schemas import render_entry
from api.web.items import item_of, sender_of
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.format.decoder import open_event
from ledger.format.encoder import fingerprint, seal
from ledger.format.envelope import StoredFact
from ledger.format.event_reader import fact_of
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.header import event_hash
from ledger.policies.context import Context
from ledger.transfers import transfer
from ledger.values import transfer_of
from projections import entries
from tests.database import Database
from tests.ledger.given import SOURCE, data, person
from tests.ledger.inside import inside


def command_of(database: Database, inner: Container, at: datetime) -> RecordTransfer:
    # 1 door: request → caller
    keys = ApiKeyTable(lambda: psycopg.connect(database.urls.owner), inner.secret.row_mac)
    key, credential = make("corridor", frozenset({"events:write"}), SOURCE, at=now(), days=1)
    keys.add(key)
    door = Authenticator(
        keys,
        Tokens((), leeway_s=0),
        lambda identity: inner.secret.actor("corridor", identity),
        remember_s=0,
    )
    caller = asyncio.run(door.caller([(b"authorization", f"Bearer {credential}".encode())]))
    assert caller.source_prefix == SOURCE

    # 2 body and 3 command: bytes → RecordTransfer
    item = item_of(
        {"source": SOURCE, "id": "t1", "data": data("P1", "P2")}, "", sender_of(caller), at
    )
    command = item.command
    assert command is not None
    assert (command.actor, command.source, command.id) == (caller.actor, SOURCE, "t1")
    return command


def test_one_provision_goes_through_all_ten_stations(database: Database) -> None:
    with inside(database) as house:
        inner, at = house.house, house.now

        command = command_of(database, inner, at)

        # 4 decision: command, state, context → event
        [event] = transfer.record(
            command,
            transfer_of(command.data),
            None,
            Context(),
            at,
            fingerprint(command.source, command.id, command.data),
        )
        assert event.TYPE == "provision-recorded"

        # 5 bytes: event → header and sealed part
        stream = inner.secret.transfer_stream(command.source, command.id)
        place = EventMetadata(stream, 1, at, command.actor, command.command, 0)
        data_key = inner.keys.key_for("record", day=at.date())
        sealed = seal(draft_of(event, place), data_key, inner.name)
        stored = StoredFact(1, stream, 1, sealed.type, sealed.header, sealed.sealed)
        assert fact_of(open_event(stored, {data_key.id: data_key}, inner.name)).event == event

        # 6 record: commands → position
        [outcome] = house.send([command])
        assert (outcome.status, outcome.position, outcome.transfer) == ("recorded", 1, stream)

        # 7 follow: position order → batches
        [fact] = inner.reads.facts_after(0, 10)
        opened = inner.streams.opened([fact])
        assert fact_of(opened[0]).event == event
        assert len(event_hash(fact.header)) == 32

        # 8 answers: batch → rows, in one transaction with the position
        rows = entries.rows(opened, inner.secret)
        assert {position for _, position, _ in rows.entries} == {1}
        assert house.follow() == 1

        # 9 history: person, position → entries
        position = inner.histories.wait(outcome.position)
        [entry] = inner.histories.page([person("P2")], position, None, 10).entries
        assert [line.principal.id for _, line in entry.lines] == ["P2"]

        # 10 reply: entry → what is shown
        shown = render_entry(entry)
        assert [one["code"] for one in _list(shown["statutory"])] == [
            "CONSENT",
            "COUNTERPARTY",
            "PRINCIPAL",
            "ITEMS",
        ]


def _list(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- JSON
    return value
