"""What is hidden and shown again after a reply moves no flag, in whatever order it happens."""

from collections.abc import Callable, Sequence
from itertools import permutations
from uuid import UUID

import pytest

from ledger.cases.refusals import NothingToSupplementError
from ledger.commands import CorrectTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude, LiftExclusion
from ledger.values import Json, PrincipalRef
from tests.ledger.given import ACTOR, data
from tests.replying.desk import APPROVER, MEMBER, OFFICER, Desk, late, party, recorded
from tests.replying.test_flags import flags

OTHER = PrincipalRef("member", "P2")
Act = Callable[[Desk, UUID], object]


def change(desk: Desk, record: UUID, who: PrincipalRef, *, lift: bool) -> None:
    """Exclude a record for one person, or lift it by two."""
    chief = desk.inside.house.exclusions()
    desk.inside.follow()
    spans = tuple(one.span for one in chief.named([record]))
    keys = chief.keys_in(who, spans)
    if not lift:
        command = Exclude(random_uuid(), OFFICER, spans, "i", "危害", keys)
        chief.change(command, desk.inside.now)
        return
    for actor in (OFFICER, APPROVER):
        lifting = LiftExclusion(random_uuid(), actor, spans, "消滅", keys)
        chief.change(lifting, desk.inside.now)


def correct(desk: Desk, transfer: UUID, **changes: Json) -> None:
    """As the chief, who knows of what is hidden."""
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
    desk.inside.ledger.correct(command, desk.inside.now, sees_all=True)


def told_daily(desk: Desk) -> None:
    desk.later(days=1)
    desk.inside.house.exclusions().repeat(desk.inside.now, OFFICER)


ACTS: dict[str, Act] = {
    "put": lambda desk, one: change(desk, one, MEMBER, lift=False),
    "lifted": lambda desk, one: change(desk, one, MEMBER, lift=True),
    "told": lambda desk, _: told_daily(desk),
    "corrected": lambda desk, one: correct(desk, one, items=["氏名"]),
}
ORDERS = [one for one in permutations(ACTS) if one.index("put") < one.index("lifted")]


def sent(desk: Desk) -> Sequence[UUID]:
    streams = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    desk.later(days=3)
    return streams


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_what_was_hidden_since_the_reply_raises_nothing(order: Sequence[str], desk: Desk) -> None:
    first = sent(desk)[0]
    for name in order:
        before = flags(desk)
        ACTS[name](desk, first)
        if name in ("put", "lifted"):
            assert flags(desk) <= before, f"{name} raised a flag"
    assert flags(desk) == set()


def test_what_was_hidden_when_it_was_decided_and_is_lifted_raises_nothing(desk: Desk) -> None:
    streams = recorded(desk.inside)
    change(desk, streams[1], MEMBER, lift=False)
    desk.verified().searched()
    desk.decided().sent()
    told_daily(desk)
    change(desk, streams[1], MEMBER, lift=True)
    told_daily(desk)
    correct(desk, streams[1], items=["氏名"])
    assert flags(desk) == set()
    desk.reopened("確認").searched()
    desk.decided()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_what_was_lifted_before_the_reply_is_compared_as_ever(desk: Desk) -> None:
    streams = recorded(desk.inside)
    change(desk, streams[0], MEMBER, lift=False)
    change(desk, streams[0], MEMBER, lift=True)
    desk.later(minutes=1)
    desk.verified().searched()
    desk.decided().sent()
    told_daily(desk)
    correct(desk, streams[0], items=["氏名"])
    assert flags(desk) == {"REOPENED"}


def test_a_mark_that_is_lifted_after_the_reply_raises_nothing(desk: Desk) -> None:
    recorded(desk.inside)
    other = party("海風物産株式会社")
    marked = desk.inside.record("t-m", data("P1", counterparty=other), 2).transfer
    desk.verified().searched()
    desk.decided().sent()
    desk.later(days=3)
    days = {"transferred_on": "2026-11-20", "recorded_on": "2026-11-20"}
    content = data("P1", counterparty=other, **days)
    later = desk.inside.record("t-n", content, 3).transfer
    for one in (marked, later):
        change(desk, one, MEMBER, lift=True)
        told_daily(desk)
        assert flags(desk) == set()


def test_an_exclusion_for_another_person_of_the_record_hides_no_change_from_this_one(
    desk: Desk,
) -> None:
    second = sent(desk)[1]
    change(desk, second, OTHER, lift=False)
    assert flags(desk) == set()
    correct(desk, second, items=["氏名"])
    assert flags(desk) == {"REOPENED"}


def test_a_late_record_counts_when_it_is_hidden_from_another_person_alone(desk: Desk) -> None:
    sent(desk)
    both: Json = [{"scheme": "member", "id": one} for one in ("P1", "P2")]
    came = late(desk.inside, principals=both)
    change(desk, came, OTHER, lift=False)
    assert flags(desk) == {"REOPENED"}
    change(desk, came, MEMBER, lift=False)
    change(desk, came, MEMBER, lift=True)
    assert flags(desk) == set()
