"""Nobody else's line is in any letter: multi-person transfers, every document of a reply."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.contract import check
from api.documents import Renderer
from ledger.commands import CorrectTransfer, LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import Json, PrincipalRef
from tests.database import Server, cloned_database
from tests.ledger.case_given import APPROVER, NOON
from tests.ledger.given import ACTOR, data, received
from tests.ledger.inside import Inside, inside
from tests.replying.desk import Desk, replies_of, text_of
from tests.rounds import rounds

# Every person's identifiers and names are words that stand nowhere else.
PEOPLE = [f"ID-{letter * 6}" for letter in "KQVWXZ"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One transfer: who is in it, which side, a series or none, and who is in it once corrected."""

    people: tuple[str, ...]
    is_received: bool = False
    series: bool = False
    corrected_to: tuple[str, ...] = field(default=())


_people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5, unique=True).map(tuple)
_sent = st.builds(Sent, _people, st.booleans(), st.booleans(), st.just(()) | _people)


def name_of(person: str) -> str:
    return f"名{person[-6:].lower()}"


def written(one: Sent, people: tuple[str, ...]) -> dict[str, Any]:
    named = [{"scheme": "member", "id": who, "name": name_of(who)} for who in people]
    more: dict[str, Any] = {"series_id": "s", "method": "collective"} if one.series else {}
    made = received if one.is_received else data
    return made(principals=named, **more)


def record(house: Inside, sent: list[Sent]) -> None:
    for n, one in enumerate(sent):
        outcome = house.record(f"{house.head()}-{n}", written(one, one.people))
        if one.corrected_to and set(one.corrected_to) != set(one.people):
            changed = check(written(one, one.corrected_to), NOON.date())
            command = CorrectTransfer(
                random_uuid(), ACTOR, outcome.transfer, changed, "wrong_principal"
            )
            house.ledger.correct(command, house.now)


def involved(one: Sent) -> set[str]:
    """Who stands in the transfer in the end."""
    return set(one.corrected_to or one.people)


def strangers(text: str, own: set[str]) -> list[str]:
    return [who for who in PEOPLE if who not in own and (who in text or name_of(who) in text)]


@given(sent=st.lists(_sent, max_size=5), linked=st.none() | st.sampled_from(PEOPLE[1:]))
@settings(
    max_examples=rounds(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(sent=[Sent(tuple(PEOPLE), series=True), Sent(tuple(PEOPLE[:2]), series=True)], linked=None)
@example(sent=[Sent(tuple(PEOPLE[:3]), corrected_to=tuple(PEOPLE[1:]))], linked=PEOPLE[2])
@example(sent=[Sent(tuple(PEOPLE[1:])), Sent(tuple(PEOPLE), is_received=True)], linked=None)
def test_a_reply_holds_the_person_s_own_lines_and_nobody_else_s(
    server: Server, renderer: Renderer, sent: list[Sent], linked: str | None
) -> None:
    me = PrincipalRef("member", PEOPLE[0])
    own = {PEOPLE[0], *([linked] if linked else [])}
    with cloned_database(server) as database, inside(database) as house:
        record(house, sent)
        if linked:
            other = PrincipalRef("member", linked)
            link = LinkIdentifiers(random_uuid(), ACTOR, me, other, "登録")
            house.ledger.link(link, house.now)
        desk = Desk(house, replies_of(house, renderer)).verified(identifiers=(me,))
        found = desk.searched(me)
        document = desk.decided().sent()
        written = (document.json + document.csv).decode() + text_of(document.pdf)
        assert strangers(written, own) == []
        kept = b"".join(desk.replies.stored(desk.stream, 1).values())
        assert strangers(kept.decode(errors="replace"), own) == []
    apart = [one for one in sent if not one.series and involved(one) & own]
    together = {one.is_received for one in sent if one.series and involved(one) & own}
    assert len(found.entries) == len(apart) + len(together)


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden", "not hidden"])
@pytest.mark.parametrize("left", [2, 1], ids=["corrected", "taken out"])
def test_what_befalls_somebody_else_in_a_record_wants_no_other_search(
    desk: Desk, left: int, *, is_hidden: bool
) -> None:
    other = PrincipalRef("member", "P2")
    transfer = desk.record(desk.who, other)
    if is_hidden:
        desk.hide(transfer, other)
    desk.verified().searched()
    desk.decided().submitted()
    named = [{"scheme": "member", "id": "P1"}, {"scheme": "member", "id": "P2", "name": "別名"}]
    desk.correct(transfer, principals=cast("list[Json]", named[:left]))
    desk.do(desk.approval(), by=APPROVER)
    desk.posted()
