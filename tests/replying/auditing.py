"""A desk whose answers are audited: requests are answered in a keeper's ledger, honestly or not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from api.cli.audit import Audit
from ledger.cases.case import RenderedHashes, State, documents_digest
from ledger.cases.events.case import CaseDecided, CaseRecordsIdentified, WithheldPart
from ledger.cases.events.reply import AnswerCommitted
from ledger.cases.namesakes import NamesSearched
from ledger.cases.steps import (
    Approve,
    Close,
    Decide,
    Dispatch,
    IdentifyRecords,
    Reopen,
    Step,
    Submit,
)
from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, LinkIdentifiers, RetractTransfer
from ledger.crypto.answers import SALT_BYTES, AnsweredLine, AnswerKeys, BoundAnswer, answer_of
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.random import drawn
from ledger.format.envelope import Append
from ledger.format.event_writer import EventMetadata
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.service import Sealer
from ledger.store.append import AppendedBatch, Appender
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT, APPROVER, CODE, OFFICER
from tests.ledger.given import ACTOR, person
from tests.ledger.test_case_stored import state, step
from tests.replying.desk import ITEM_NUMBER
from tests.retaining.desk import received, verified
from tests.retaining.keeper import Keeper

Lines = list[tuple[AnsweredLine, bool]]
Lie = Callable[[Lines], Lines]
AGREE = "agree"
DAY = "2026-04-10"
"""When the records of an office are recorded."""
DOCUMENTS = {"reply.json": b"{}", "reply.pdf": b"%PDF-1.7"}


@dataclass(slots=True)
class Office:
    """Answers requests in a keeper's ledger and audits them."""

    kept: Keeper
    finder: RecordFinder = field(init=False)

    def __post_init__(self) -> None:
        house = self.kept.inside.house
        self.finder = RecordFinder(house.histories, house.streams)

    # -- cases -----------------------------------------------------------------------------------

    def asked(self, who: str = "P1") -> UUID:
        """A request of that member, whose papers are in order."""
        case = received(self.kept, who)
        verified(self.kept, case)
        return case

    def state(self, case: UUID) -> State:
        return state(self.kept.inside, case)

    def do(self, case: UUID, *steps: Step, by: str = OFFICER) -> None:
        for one in steps:
            step(self.kept.inside, case, one, by=by)

    def searched(self, case: UUID, *who: PrincipalRef) -> ReplyRecords:
        """Who asks is named, and nothing was found under another identifier."""
        refs = who or self.state(case).application.identifiers
        as_of = self.kept.inside.follow()
        found = self.finder.find(refs, as_of, self.state(case).application)
        named = self.state(case).application.identifiers
        tried = (*(one for one in named if one not in refs), ABSENT)
        names = () if found.provided or found.received else ("見本 花子",)
        said = (as_of, refs, "会員番号が一致", found.provided, found.received, tried, "別人")
        self.do(case, IdentifyRecords(*said, searched=NamesSearched(names)))
        return found

    def found(self, case: UUID) -> ReplyRecords:
        self.kept.inside.follow()
        now = self.state(case)
        assert now.search is not None
        return self.finder.find(now.search.identifiers, now.search.as_of, now.application)

    def decided(self, case: UUID, *withheld: WithheldPart) -> None:
        found = self.found(case)
        self.do(case, Decide(found.provided, found.received, withheld))

    def submitted(self, case: UUID) -> RenderedHashes:
        found = self.found(case)
        rows = self.finder.digest(self.state(case), found)
        rendered = RenderedHashes(rows, documents_digest(DOCUMENTS))
        self.do(case, Submit(rendered, CODE))
        return rendered

    def approved(self, case: UUID, lie: Lie | None = None, **other: Any) -> None:  # noqa: ANN401 -- see `bound`
        """Submit and approve; `lie` and `other`: what the operator's software binds instead."""
        rendered = self.submitted(case)
        answer = self.bound(case, lie, **other)
        self.do(case, Approve(rendered, DOCUMENTS, 4, answer), by=APPROVER)

    def bound(
        self,
        case: UUID,
        lie: Lie | None = None,
        *,
        of: UUID | None = None,
        who: Sequence[PrincipalRef] | None = None,
        form: int = 2,
    ) -> BoundAnswer:
        """What binds the answer. `of`: another case; `who`: another person."""
        found, now, ledger = self.found(case), self.state(case), self.kept.inside.house.name
        if lie is None and of is None and who is None and form == 2:
            honest = found.bound(ledger, now)
            assert honest is not None
            return honest
        assert now.search is not None
        salt = drawn(SALT_BYTES)
        keys = AnswerKeys.of(salt, form)
        asked = canonical(subject_of(keys, who or now.search.identifiers, now.search.tried))
        lines = found.answered(now, form)
        told = sorted((lie or list)(lines), key=lambda one: (one[0].first, one[0].line))
        digests = [(one.digest, withholds) for one, withholds in told]
        as_of = now.search.as_of
        return BoundAnswer(as_of, answer_of(keys, ledger, of or case, as_of, asked, digests), salt)

    def answered(self, who: str = "P1", *withheld: WithheldPart, lie: Lie | None = None) -> UUID:
        """A request from its arrival to the approval of its reply."""
        case = self.asked(who)
        self.searched(case)
        self.decided(case, *withheld)
        self.approved(case, lie)
        return case

    def posted(self, case: UUID) -> None:
        """What was approved goes out."""
        now, found = self.state(case), self.found(case)
        rendered = RenderedHashes(self.finder.digest(now, found), documents_digest(DOCUMENTS))
        self.do(case, Dispatch(rendered, day_in_japan(self.kept.inside.now), ITEM_NUMBER))

    def closed(self, case: UUID) -> None:
        self.do(case, Close())

    def reopened(self, case: UUID) -> None:
        self.do(case, Reopen("記録の訂正"))

    # -- records ---------------------------------------------------------------------------------

    def correct(self, transfer: UUID, **changes: Any) -> None:  # noqa: ANN401 -- JSON
        command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
        self.kept.inside.ledger.correct(command, self.kept.inside.now, includes_hidden=True)

    def retract(self, transfer: UUID) -> None:
        command = RetractTransfer(random_uuid(), ACTOR, transfer, "not_occurred")
        self.kept.inside.ledger.retract(command, self.kept.inside.now)

    def link(self, a: PrincipalRef, b: PrincipalRef) -> None:
        command = LinkIdentifiers(random_uuid(), ACTOR, a, b, "登録")
        self.kept.inside.ledger.link(command, self.kept.inside.now)

    def line_of(self, transfer: UUID, who: str) -> AnsweredLine:
        """The line of a member in a transfer, as an answer about that member binds it now."""
        entries = self.kept.inside.page(who).entries
        return next(
            line
            for entry in entries
            for one in entry.messages
            for line in one.answered
            if line.stream == transfer
        )

    def audit(self) -> tuple[list[str], dict[str, int]]:
        """What is named, and what came of the answers."""
        self.kept.inside.follow()
        made = Audit(self.kept.inside.house)
        named = list(made.lines())
        return named, dict(made.counts)


def named(office: Office) -> list[str]:
    return office.audit()[0]


def appended(office: Office, case: UUID, event: AnswerCommitted | CaseRecordsIdentified) -> None:
    """Append an event to a case as the operator's own software could."""
    house = office.kept.inside.house
    sealing = Sealer(house.keys, house.secret, house.name)
    version = office.state(case).version + 1
    place = EventMetadata(case, version, office.kept.inside.now, ACTOR, random_uuid())
    sealed = sealing.seal(event, place, house.keys.key_for("case", owner=case))
    [done] = Appender(house.writer, house.secret.event_mac).append([Append((sealed,))])
    assert isinstance(done, AppendedBatch)


def is_decided(one: State) -> bool:
    return isinstance(one.decision, CaseDecided)


def without(n: int) -> Lie:
    """Leaves the nth line out."""
    return lambda lines: [one for number, one in enumerate(lines) if number != n]


def twice(n: int) -> Lie:
    return lambda lines: [*lines, lines[n]]


def instead(n: int, **members: int) -> Lie:
    """The nth line with other members."""
    return lambda lines: [
        (replace(line, **members), withholds) if number == n else (line, withholds)
        for number, (line, withholds) in enumerate(lines)
    ]


def with_line(line: AnsweredLine) -> Lie:
    return lambda lines: [*lines, (line, False)]


def flipped(n: int) -> Lie:
    return lambda lines: [
        (line, withholds != (number == n)) for number, (line, withholds) in enumerate(lines)
    ]


def members(*who: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": one} for one in who]


P1, P2 = person("P1"), person("P2")
EMAIL = PrincipalRef("email", "p1@example.jp")
