"""A desk with a real ledger: one invented case from its arrival to the post."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

from pypdf import PdfReader

from api.case_replies import Replies, ReplyDocument, ReplyRecords, ReplySources
from api.case_replies.records import RecordFinder
from api.documents import Renderer
from ledger.cases.case import ReceiveCase, RenderedHashes, State, StepCase
from ledger.cases.events.case import WithheldPart
from ledger.cases.namesakes import NamesSearched
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Close,
    Decide,
    Dispatch,
    IdentifyRecords,
    Reopen,
    Step,
    Submit,
    Verify,
)
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters.heartbeats import Heartbeats
from ledger.emitters.service import KnownEmitters
from ledger.exclusions.exclusion import Exclude, LiftExclusion
from ledger.policies.identifiers import KINDS
from ledger.transfers.bulk.staging_area import is_any_pending
from ledger.transfers.late_verdicts import LateVerdicts
from ledger.values import Json, PrincipalRef
from projections.days import DayReader
from projections.senders import Senders
from tests.documents.read_letters import flat_text
from tests.ledger.case_given import ABSENT, APPROVER, GOOD, NOON, OFFICER, application
from tests.ledger.given import ACTOR, PARTY, data, received
from tests.ledger.inside import Inside

NAME, ADDRESS = "髙橋 﨑美", "東京都千代田区千代田1-1-1 𠮷野荘101"
FORM = {"name": NAME, "postal_code": "100-0001", "address": ADDRESS}
MEMBER = PrincipalRef("member", "P1")
ITEM_NUMBER = "123-45-67890-1"
REASON = "第三者の権利利益を害するおそれのある事項が含まれるためです。"


LOG = "ledger.example.jp/provision-ledger"
Streams = tuple[UUID, UUID, UUID]
_numbers = count(1)


@dataclass(slots=True)
class Desk:
    """One case in a ledger, and who makes its letters.

    Attributes:
        who: who asks.
    """

    inside: Inside
    replies: Replies
    stream: UUID = field(default=UUID(int=0))
    document: ReplyDocument | None = None
    who: PrincipalRef = MEMBER

    def another(self) -> "Desk":
        """A desk of another person in the same ledger."""
        return Desk(self.inside, self.replies, who=PrincipalRef("member", f"M{next(_numbers)}"))

    @property
    def email(self) -> PrincipalRef:
        """Another identifier, which may turn out to be the person's."""
        return PrincipalRef("email", f"{self.who.id.lower()}@example.jp")

    # -- records and persons ---------------------------------------------------------------------

    def record(self, *people: PrincipalRef, mark: int = 0, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
        """A consented provision about these people, or the one who asks."""
        named = [{"scheme": one.scheme, "id": one.id} for one in people or (self.who,)]
        content = data(**{"principals": named, **changes})
        return self.inside.record(f"t-{next(_numbers)}", content, mark).transfer

    def late(self, *people: PrincipalRef, days: int = 1, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
        """A record that was made so many days before the search, and comes now."""
        at = self.state.searched_at
        assert at is not None
        day = (day_in_japan(at) - timedelta(days=days)).isoformat()
        made: dict[str, Any] = {
            "transferred_on": day,
            "recorded_on": day,
            "counterparty": party("川上運輸"),
        }
        return self.record(*people, **{**made, **changes})

    def today(self, *people: PrincipalRef, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
        """A transfer of today."""
        day = day_in_japan(self.inside.now).isoformat()
        return self.record(*people, transferred_on=day, counterparty=party("川上運輸"), **changes)

    def correct(self, transfer: UUID, **changes: Json) -> None:
        """As the chief, who knows of what is hidden."""
        command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
        self.inside.ledger.correct(command, self.inside.now, includes_hidden=True)

    def retract(self, transfer: UUID, reason: str = "not_occurred") -> None:
        gone = RetractTransfer(random_uuid(), ACTOR, transfer, reason)
        self.inside.ledger.retract(gone, self.inside.now)

    def rename(self, name: str, who: PrincipalRef | None = None) -> None:
        command = RenamePrincipal(random_uuid(), ACTOR, who or self.who, name)
        self.inside.ledger.direct(command, self.inside.now)

    def link(self, a: PrincipalRef, b: PrincipalRef, *, apart: bool = False) -> None:
        made = UnlinkIdentifiers if apart else LinkIdentifiers
        self.inside.ledger.link(made(random_uuid(), ACTOR, a, b, "登録"), self.inside.now)

    def hide(self, record: UUID, who: PrincipalRef | None = None, *, lift: bool = False) -> None:
        """Exclude a record for one person, or lift it by two; None: the one who asks."""
        chief = self.inside.house.exclusions()
        self.inside.follow()
        spans = tuple(one.span for one in chief.named([record]))
        keys = chief.keys_in(who or self.who, spans)
        if not lift:
            command = Exclude(random_uuid(), OFFICER, spans, "i", "危害", keys)
            chief.change(command, self.inside.now)
            return
        for actor in (OFFICER, APPROVER):
            lifting = LiftExclusion(random_uuid(), actor, spans, "消滅", keys)
            chief.change(lifting, self.inside.now)

    def flags(self) -> set[str]:
        self.inside.follow()
        return set(self.replies.flags(self.state))

    # -- the case --------------------------------------------------------------------------------

    def begin(self, **asked: Any) -> "Desk":  # noqa: ANN401 -- members of an application
        self.inside.now = max(self.inside.now, NOON + timedelta(milliseconds=123))
        form: dict[str, Any] = {"form": FORM, "identifiers": (self.who,)}
        if self.who != MEMBER:  # days have passed while others were answered
            form |= {"late_entry_reason": "到達日の確認"}
        form |= asked
        command = ReceiveCase(random_uuid(), OFFICER, application(**form))
        self.stream = self.inside.ledger.receive_case(command, self.inside.now).stream
        return self

    @property
    def state(self) -> State:
        found = self.inside.ledger.case(self.stream)
        assert found is not None
        return found

    def do(self, *steps: Step, by: str = OFFICER) -> "Desk":
        for step in steps:
            self.later(seconds=1)
            command = StepCase(random_uuid(), by, self.stream, self.state.version, step)
            self.inside.ledger.step_case(command, self.inside.now)
        return self

    def later(self, **span: int) -> "Desk":
        self.inside.now += timedelta(**span)
        return self

    def verified(self, **asked: Any) -> "Desk":  # noqa: ANN401 -- same
        return self.begin(**asked).do(CheckDocuments(GOOD), Verify())

    def searched(self, *identifiers: PrincipalRef) -> ReplyRecords:
        """Search for the person as of now, and put down what was found."""
        return self.identified(identifiers or (self.who,), ABSENT)

    def identified(
        self,
        who: tuple[PrincipalRef, ...],
        *tried: PrincipalRef,
        not_the_person: str | None = None,
    ) -> ReplyRecords:
        """Name the person and what was tried besides."""
        as_of = self.inside.follow()
        found = self.replies.search(who, as_of, self.state.application)
        sides = (found.provided, found.received)
        said = (as_of, who, "会員番号が一致", *sides, tried, not_the_person)
        # Where nothing is found it takes a name that was searched for.
        names = () if found.provided or found.received else (NAME,)
        self.do(IdentifyRecords(*said, searched=NamesSearched(names)))
        return found

    def decided(
        self,
        withheld: Sequence[WithheldPart] = (),
        **more: Any,  # noqa: ANN401 -- members of a step
    ) -> "Desk":
        found = self.replies.find_records(self.state)
        return self.do(Decide(found.provided, found.received, tuple(withheld), **more))

    def submitted(self) -> "Desk":
        """Submit what is rendered for the instant of the submission."""
        self.later(seconds=1)
        self.inside.follow()
        at = self.inside.now + timedelta(seconds=1)
        return self.do(Submit(*self.replies.to_submit(self.state, at)))

    def rendered(self) -> tuple[RenderedHashes, ReplyDocument]:
        self.inside.follow()
        state = self.state
        assert state.submission is not None
        return self.replies.prepared(state, self.at, state.submission.verification_code)[:2]

    @property
    def at(self) -> datetime:
        found = self.state.submitted_at
        assert found is not None
        return found

    def approved(self) -> "Desk":
        return self.submitted().do(self.approval(), by=APPROVER)

    def approval(self) -> Approve:
        """The step that approves what was submitted, if it is still the same."""
        rendered, self.document = self.rendered()
        return Approve(rendered, self.document.documents, self.document.sheets)

    def sent(self) -> ReplyDocument:
        """Approve and send what was decided; what went out."""
        self.approved()
        return self.posted()

    def posted(self, *, already_posted: bool = False) -> ReplyDocument:
        """Put down that what was approved went into the post, as it is kept."""
        self.inside.follow()
        rendered, kept = self.replies.approved(self.state)
        today = day_in_japan(self.inside.now)
        self.do(Dispatch(rendered, today, ITEM_NUMBER, already_posted=already_posted))
        assert self.document is not None
        assert kept == self.document.documents
        return self.document

    def exclude(self, *transfers: UUID) -> None:
        """Exclude under Order 11, without any trace in the case."""
        excluding = self.inside.house.exclusions()
        spans = tuple(one.span for one in excluding.named(transfers))
        command = Exclude(random_uuid(), OFFICER, spans, "i", "加害のおそれ")
        excluding.change(command, self.inside.now)

    def lift(self, *transfers: UUID) -> None:
        """Lift, as two persons ask for it."""
        excluding = self.inside.house.exclusions()
        spans = tuple(one.span for one in excluding.named(transfers))
        for actor in (OFFICER, APPROVER):
            command = LiftExclusion(random_uuid(), actor, spans, "事由の消滅")
            excluding.change(command, self.inside.now)

    def reopened(self, reason: str) -> "Desk":
        return self.do(Close(), Reopen(reason))


def recorded(desk: Desk) -> Streams:
    """Two provisions and a receipt of the person, the second one with somebody else in it."""
    other = PrincipalRef("member", "P2")
    first = desk.record()
    second = desk.record(
        desk.who, other, counterparty=party("海風物産株式会社"), items=["氏名", "住所"]
    )
    side = received(counterparty=party("山道商会株式会社"))
    last = desk.record(
        **{name: side[name] for name in ("direction", "acquisition", "counterparty")}
    )
    return first, second, last


def party(name: str) -> dict[str, Json]:
    return {**PARTY, "party_id": name[:2], "name": name}


def whole(record: UUID, ground: str = "ART33_2_I", reason: str = REASON) -> WithheldPart:
    return WithheldPart(record, ground, reason)


def part(record: UUID, *items: str) -> WithheldPart:
    return WithheldPart(record, "ART33_2_I", REASON, items)


def text_of(pdf: bytes) -> str:
    """All text of a PDF without white space."""
    return flat_text(PdfReader(BytesIO(pdf), strict=True))


def letter(document: bytes) -> dict[str, Any]:
    """The JSON of a letter."""
    found: dict[str, Any] = json.loads(document)
    return found


def pages(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)


def replies_of(
    house: Inside, renderer: Renderer, kinds: Mapping[str, str] = KINDS, log: str = LOG
) -> Replies:
    inner = house.house
    records = RecordFinder(inner.histories, inner.streams)
    sources = ReplySources(
        house.ledger.procedure_of,
        house.ledger.review,
        KnownEmitters(inner.streams).at,
        Senders(
            Heartbeats(inner.writer, inner.reader), DayReader(inner.reader, inner.secret)
        ).unregistered,
        inner.secret.lookup_key,
        inner.quarantine().matching,
        inner.quarantine().received,
        inner.names,
        LateVerdicts(inner.reader, inner.streams).of_person,
        partial(is_any_pending, inner.writer),
        kinds,
        log,
    )
    return Replies(records, inner.streams, renderer, sources)
