"""A ledger on a real PostgreSQL that steps are applied to, and what was asked of it in plain text.

The plain text is the first witness: what the oracle decodes at the end must be what was sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from api.container import Container
from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    PublishNotice,
    ReceiveDirective,
    ReclassifyTransfer,
    RecordTransfer,
    RenamePrincipal,
    RetractTransfer,
    SettleFindings,
    UnlinkIdentifiers,
    WithdrawNotice,
)
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.secrets import Secrets
from ledger.errors import LedgerError, MalformedError
from ledger.service import Ledger
from ledger.streams.history import HistoryEntry
from ledger.transfers.settlement import ACTIONS
from ledger.values import PrincipalRef
from projections.follower import Follower
from projections.histories import HistoryPage
from tests.database import Database
from tests.oracle import steps
from tests.oracle.decoder import Seen, read_all
from tests.oracle.fold import Answer, transfers_at
from tests.oracle.sending import data_of, filing, joint_use, principals_of

ACTOR = "a" * 32
SOURCES = ("https://one.example", "https://two.example")
STOPS = ("consent_withdrawn", "provision_stopped", "opt_out_stop")


@dataclass(slots=True)
class Sent:
    """One transfer as it was asked for."""

    stream: str
    position: int
    command: RecordTransfer
    data: dict[str, Any]
    retracted: bool = False


@dataclass(slots=True)
class World:
    """Applies steps; every refusal must leave the log as it was."""

    house: Container
    database: Database
    connection: psycopg.Connection
    now: datetime = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
    sent: dict[tuple[str, str], Sent] = field(default_factory=dict[tuple[str, str], Sent])
    links: list[tuple[PrincipalRef, PrincipalRef]] = field(
        default_factory=list[tuple[PrincipalRef, PrincipalRef]]
    )
    stops: list[tuple[PrincipalRef, str, str | None]] = field(
        default_factory=list[tuple[PrincipalRef, str, str | None]]
    )
    ledger: Ledger = field(init=False)
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = self.house.ledger()
        self.follower = self.house.follower()

    # -- steps -----------------------------------------------------------------------------------

    def apply(self, step: steps.Step) -> None:
        self.now += timedelta(hours=1)
        match step:
            case steps.Batch():
                self._batch(step)
            case steps.Follow():
                self.follower.step(self.connection)
            case _:
                head = self.house.reads.head()
                try:
                    self._single(step)
                except LedgerError:
                    assert self.house.reads.head() == head, "a refusal records nothing"

    def _batch(self, step: steps.Batch) -> None:
        commands = [command for one in step.records if (command := self._command(one))]
        outcomes = self.ledger.record(commands, self.now)
        assert len(outcomes) == len(commands)
        for command, outcome in zip(commands, outcomes, strict=True):
            key = (command.source, command.id)
            first = self.sent.get(key)
            if first is None:
                assert outcome.status == "recorded"
                stream = str(outcome.transfer)
                self.sent[key] = Sent(stream, outcome.position, command, dict(command.data))
            else:
                same = first.command.data == command.data
                assert outcome.status == ("duplicate" if same else "conflict")
                assert (str(outcome.transfer), outcome.position) == (first.stream, first.position)

    def _command(self, step: steps.Record) -> RecordTransfer | None:
        key = (SOURCES[step.key // 16], f"t{step.key}")
        first = self.sent.get(key)
        if first is not None and step.again:
            data, order_11 = first.command.data, first.command.order_11
        else:
            order_11 = step.order_11
            try:
                data = check(data_of(step), day_in_japan(self.now))
            except MalformedError:
                return None
        return RecordTransfer(random_uuid(), ACTOR, *key, data, order_11)

    def _single(self, step: steps.Step) -> None:
        match step:
            case steps.Correct():
                self._correct(step)
            case steps.Retract():
                sent = self._target(step.target)
                if sent is not None:
                    command = RetractTransfer(random_uuid(), ACTOR, UUID(sent.stream), "duplicate")
                    self.ledger.retract(command, self.now)
                    sent.retracted = True
            case steps.Settle():
                self._settle(step)
            case steps.Link():
                pair = ref_of(step.a), ref_of(step.b)
                command = LinkIdentifiers(random_uuid(), ACTOR, *pair, "住民票")
                self.ledger.link(command, self.now)
                self.links.append(pair)
            case steps.Unlink():
                if self.links:
                    # The other way round it is the same pair.
                    a, b = self.links[step.which % len(self.links)]
                    command = UnlinkIdentifiers(random_uuid(), ACTOR, b, a, "取り違え")
                    self.ledger.link(command, self.now)
            case steps.Stop() | steps.Lift() | steps.Rename():
                self._direct(step)
            case steps.Notice():
                self._notice(step.which)
            case _:
                raise AssertionError(step)

    def _target(self, index: int) -> Sent | None:
        known = list(self.sent.values())
        return known[index % len(known)] if known else None

    def _correct(self, step: steps.Correct) -> None:
        sent = self._target(step.target)
        if sent is None:
            return
        changes: dict[str, Any] = steps.CHANGES[step.change]
        if step.people:
            changes = {"principals": principals_of(step.people)}
        kind = ReclassifyTransfer if step.reclassify else CorrectTransfer
        command = kind(random_uuid(), ACTOR, UUID(sent.stream), changes, "誤記")
        self.ledger.correct(command, self.now)
        removed = [
            member
            for member, value in changes.items()
            if value is None and member not in ("acquisition", "notice_id")
        ]
        whole = {**sent.data, **changes}
        sent.data = {member: value for member, value in whole.items() if member not in removed}

    def _settle(self, step: steps.Settle) -> None:
        sent = self._target(step.target)
        if sent is None:
            return
        standing = transfers_at(self.events(), self.house.reads.head())[sent.stream].stands()
        codes = sorted({code for _, code in standing})
        command = SettleFindings(
            random_uuid(),
            ACTOR,
            UUID(sent.stream),
            tuple(codes[1:] if step.is_blind else codes),
            ACTIONS[step.action],
            "提供を止めた",
        )
        self.ledger.settle(command, self.now)

    def _direct(self, step: steps.Stop | steps.Lift | steps.Rename) -> None:
        days = (*steps.DAYS, *steps.LATER_DAYS)
        match step:
            case steps.Stop():
                stop = (ref_of(step.who), STOPS[step.kind], (None, "docomo", "x")[step.party])
                who, kind, party = stop
                day = days[step.day]
                received = ReceiveDirective(random_uuid(), ACTOR, who, kind, day, party)
                self.ledger.direct(received, self.now)
                self.stops.append(stop)
            case steps.Lift():
                if self.stops:
                    who, kind, party = self.stops[step.which % len(self.stops)]
                    day = days[step.day]
                    lifted = LiftDirective(random_uuid(), ACTOR, who, kind, day, party)
                    self.ledger.direct(lifted, self.now)
            case steps.Rename():
                name = ("見本 新名", "見本 旧姓", "見本 三郎")[step.name]
                command = RenamePrincipal(random_uuid(), ACTOR, ref_of(step.who), name)
                self.ledger.direct(command, self.now)

    def _notice(self, which: int) -> None:
        members, first, later = joint_use()

        def publish(kind: str, notice: dict[str, Any], version: dict[str, Any] | None) -> None:
            command = PublishNotice(
                random_uuid(), ACTOR, notice["notice_id"], kind, notice, version
            )
            self.ledger.publish(command, self.now)

        match which:
            case 0:
                publish("joint_use", members, first)
            case 1:
                publish("joint_use", members, later)
            case 2:
                publish("opt_out", filing("2026-01-10", ["氏名", "ご利用履歴"]), None)
            case 3:
                publish("opt_out", filing("2026-04-10", ["利用情報"]), None)
            case _:
                notice_id, day = ("JOINT-USE" if which % 2 else "OPT-OUT"), date(2026, 5, 1)
                withdrawal = WithdrawNotice(random_uuid(), ACTOR, notice_id, day, "終了")
                self.ledger.publish(withdrawal, self.now)

    # -- what there is ---------------------------------------------------------------------------

    def catch_up(self) -> int:
        head = self.house.reads.head()
        self.follower.catch_up(self.connection, head)
        return head

    def events(self) -> list[Seen]:
        with psycopg.connect(self.database.admin) as connection:
            return read_all(connection, self.database.ledger_name, demo_masters().masters)

    def page(
        self, who: Sequence[int], as_of: int, cursor: int | None = None, limit: int = 1_000
    ) -> HistoryPage:
        return self.house.histories.page([ref_of(one) for one in who], as_of, cursor, limit)

    def whole(self, who: Sequence[int], as_of: int, at_once: int = 2) -> list[HistoryEntry]:
        """All entries, read a few at once."""
        return self.house.histories.all_entries([ref_of(one) for one in who], as_of, at_once)[0]


def house_of(database: Database, clock: Callable[[], datetime]) -> Container:
    secrets = Secrets(demo_secret(), demo_masters())
    return Container(database.urls, database.ledger_name, secrets, clock)


def ref_of(index: int) -> PrincipalRef:
    return PrincipalRef(*steps.PEOPLE[index])


def answer_of(entry: HistoryEntry) -> Answer:
    """An entry of the product in the oracle's words."""
    end = entry.verdict.retain_through
    return Answer(
        transfer=str(entry.transfer),
        heading=entry.heading,
        position=entry.position,
        positions=entry.positions,
        data=entry.record.data,
        lines=tuple(
            (n, line.principal.scheme, line.principal.id, line.principal.name)
            for n, line in entry.lines
        ),
        duty=entry.verdict.duty,
        findings=entry.verdict.findings,
        method=entry.verdict.effective_method,
        codes=entry.verdict.statutory_items,
        items=entry.items,
        retain_through=end.isoformat() if end is not None else None,
        retracted=entry.retracted,
        messages=tuple(
            (str(m.transfer), _iso(m.first_day), _iso(m.last_day)) for m in entry.messages
        ),
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
