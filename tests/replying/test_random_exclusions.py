"""What leaves for one person is the same, whatever is excluded for others: two random ledgers.

Both hold the same, a series and bulk transfers among it; in one of them records are excluded for
other people, and lifted. The person's history, letter and case are then the same in both.
"""

import json
from collections import Counter
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any, LiteralString, cast

import psycopg
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.case_replies import ReplyDocument
from api.documents import Renderer
from api.resources.transfers.schemas import render_entry
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, DoesNotStandError, MalformedError
from ledger.exclusions.exclusion import Exclude, LiftExclusion
from tests.acceptance.through_http.documents import CSV_FILE, JSON_FILE, PDF_FILE, Letter
from tests.acceptance.through_http.masking import (
    ALWAYS,
    EVENTS,
    masked_of,
    of_events,
    same_paper,
    sizes_of,
)
from tests.bulk.sending import sender
from tests.database import Server
from tests.ledger.inside import Inside
from tests.oracle import steps
from tests.oracle.decoder import Seen
from tests.oracle.fold import history, person_at
from tests.oracle.order11 import Order11
from tests.oracle.test_random_ledgers import bounded, world_of
from tests.oracle.transfers import Identifier, Transfer, normal, person_of, transfers_at
from tests.oracle.world import World, ref_of
from tests.replying.desk import Desk, replies_of
from tests.rounds import rounds

EXAMPLES = rounds(6)
COMMANDS = 20
CHIEFS = ("c" * 32, "d" * 32)
STRANGERS = (0, 3, 1_000)
"""People of a bulk transfer besides the drawn ones: with the last it is never listed."""
_MASKED = ALWAYS | {"case_number"}


@dataclass
class Twin:
    """One of two ledgers of one content.

    Attributes:
        names: transfer → what both ledgers call it.
        bulks: positions of the bulk transfers.
    """

    world: World
    inside: Inside
    renderer: Renderer
    names: dict[str, str] = field(default_factory=dict[str, str])
    bulks: list[int] = field(default_factory=list[int])

    def send_bulk(self, key: str, strangers: int) -> None:
        """Everybody of the pool is in it, and more people."""
        people = [{"scheme": s, "id": i} for s, i in steps.PEOPLE[: steps.PERSONS]]
        people += [{"scheme": "member", "id": f"B{n}"} for n in range(strangers)]
        sent = sender(self.inside).sent(key, people, transferred_on="2026-05-15").outcome
        self.names[str(sent.transfer)] = key
        [named] = self.world.house.exclusions().named([sent.transfer])
        self.bulks.append(named.span[0])

    def history(self, who: int, as_of: int) -> str:
        """The entries of the person's history as they are answered."""
        page = self.world.page([who], as_of)
        return self._named([page.names, *map(render_entry, page.entries)])

    def answered(self, who: int) -> "Answered":
        """A case of the person, from its arrival to the post."""
        desk, ref = Desk(self.inside, replies_of(self.inside, self.renderer)), ref_of(who)
        found = desk.verified(identifiers=(ref,)).searched(ref)
        document = desk.decided().sent()
        statement = EVENTS.format(cast("LiteralString", str(desk.stream)))
        with psycopg.connect(self.world.database.admin) as connection:
            rows = connection.execute(statement).fetchall()
        records = [*found.provided, *found.received]
        return Answered(document, [self.names[str(one)] for one in records], sizes_of(rows))

    def _named(self, value: object) -> str:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        for transfer, name in self.names.items():
            text = text.replace(transfer, name)
        return text


@dataclass(frozen=True)
class Answered:
    """What left for a person, the records in it, and the sizes of the events of the case."""

    document: ReplyDocument
    records: Sequence[str]
    sizes: Sequence[tuple[Any, ...]]

    @property
    def letter(self) -> Letter:
        one = self.document
        return Letter({PDF_FILE: one.pdf, JSON_FILE: one.json, CSV_FILE: one.csv})

    def unlike(self, other: "Answered") -> list[str]:
        """What tells the two apart."""
        mine, theirs = self.letter, other.letter
        found = list(of_events(self.sizes, other.sizes))
        if self.records != other.records:
            found.append("records")
        if masked_of(mine.json, _MASKED) != masked_of(theirs.json, _MASKED):
            return [*found, JSON_FILE]
        if not same_paper(mine, theirs, _MASKED):
            found.append(PDF_FILE)
        if self.document.csv != other.document.csv:
            found.append(CSV_FILE)
        if (self.document.annexes, self.document.sheets) != (
            other.document.annexes,
            other.document.sheets,
        ):
            found.append("sheets")
        return found


@contextmanager
def twin_of(
    server: Server, renderer: Renderer, drawn: list[steps.Step], strangers: int
) -> Generator[Twin]:
    with world_of(server, drawn) as world:
        made = Twin(
            world, Inside(world.house, world.database, world.connection, world.now), renderer
        )
        made.names = {sent.stream: "/".join(key) for key, sent in world.sent.items()}
        made.send_bulk("bulk-few", 0)
        made.send_bulk("bulk", strangers)
        yield made


def exclude_for_others(
    twin: Twin, random: Random, others: Sequence[int], person: Collection[Identifier]
) -> Order11:
    """Exclude records for these people and lift, most of them records of the person as well.

    What then stands of records that are no bulk transfer is told.
    """
    order11, events, head = Order11(), twin.world.events(), twin.inside.follow()
    records = [(one, _people(one)) for one in transfers_at(events, head).values()]
    for _ in range(COMMANDS):
        who, is_lift, actor = random.choice(others), random.random() < 0.3, random.choice(CHIEFS)
        cluster = person_at(events, head, [steps.PEOPLE[who]])
        of_both = [one for one, people in records if people & cluster and people & {*person}]
        of_other = [one for one, people in records if people & cluster]
        chosen = of_both if of_both and random.random() < 0.7 else of_other
        if not chosen or random.random() < 0.15:
            _is_done(twin, who, random.choice(twin.bulks), actor, is_lift=is_lift)
            continue
        one = random.choice(chosen)
        whom = sorted(_people(one) & cluster)
        after = deepcopy(order11)
        if is_lift:
            after.lift(one, whom, actor)
        else:
            after.exclude(one, whom)
        if _is_done(twin, who, one.position, actor, is_lift=is_lift):
            order11 = after
    return order11


def _people(one: Transfer) -> set[Identifier]:
    return {person_of(line) for line in one.lines.values()}


def _is_done(twin: Twin, who: int, position: int, actor: str, *, is_lift: bool) -> bool:
    chief, spans = twin.world.house.exclusions(), ((position, position),)
    try:
        keys = chief.keys_in(ref_of(who), spans)
        if is_lift:
            command = LiftExclusion(random_uuid(), actor, spans, "消滅", keys)
        else:
            command = Exclude(random_uuid(), actor, spans, "i", "危害", keys)
        chief.change(command, twin.inside.now)
    except (AlreadyActiveError, DoesNotStandError, MalformedError):
        return False
    return True


def told_by_oracle(
    events: Sequence[Seen], position: int, who: int, order11: Order11
) -> Counter[tuple[str, str, str]]:
    """(side, party, items) of each record that a reply tells, without bulk transfers."""
    sides = {"provision": "provided", "receipt": "received"}
    return Counter(
        (sides[one.heading], one.data["counterparty"]["name"], "、".join(one.items))
        for one in history(events, position, [steps.PEOPLE[who]], order11)
        if one.heading in sides
    )


def told_by_letter(answered: Answered) -> Counter[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for line in answered.letter.lines:
        items = {one["code"]: one.get("value") for one in line["items"]}
        found.append((line["side"], items["COUNTERPARTY"]["name"], "、".join(items["ITEMS"])))
    return Counter(found)


@settings(parent=bounded, max_examples=EXAMPLES)
@given(
    drawn=steps.ledgers,
    strangers=st.sampled_from(STRANGERS),
    random=st.randoms(use_true_random=False),
)
def test_what_leaves_for_one_person_does_not_depend_on_exclusions_for_others(
    server: Server, renderer: Renderer, drawn: list[steps.Step], strangers: int, random: Random
) -> None:
    with (
        twin_of(server, renderer, drawn, strangers) as plain,
        twin_of(server, renderer, drawn, strangers) as other,
    ):
        events, head = other.world.events(), other.inside.follow()
        assert plain.inside.follow() == head
        who = random.randrange(steps.PERSONS)
        person = person_at(events, head, [steps.PEOPLE[who]])
        others = [one for one in range(steps.PERSONS) if normal(*steps.PEOPLE[one]) not in person]
        assume(others)
        order11 = exclude_for_others(other, random, others, person)
        assert other.history(who, head) == plain.history(who, head)
        expected, answered = plain.answered(who), other.answered(who)
        assert not answered.unlike(expected), (who, order11.told)
        told = told_by_letter(answered)
        bulks = Counter(told.elements()) - told_by_oracle(events, head, who, order11)
        assert bulks.total() == len(other.bulks)
        assert told - bulks == told_by_oracle(events, head, who, order11)
