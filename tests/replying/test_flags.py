"""What has become of the replies of a case since: its flags, and whether there is a supplement.

A supplement is due whenever the reply in hand would read differently. What is hidden and shown
again after it moves nothing, in whatever order it happens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.refusals import NothingToSupplementError, StaleApprovalError
from ledger.cases.steps import Approve, Close, Return, SendBack
from ledger.clock import day_in_japan
from ledger.values import Json, PrincipalRef
from tests.ledger.case_given import APPROVER, OFFICER
from tests.ledger.given import data
from tests.matrix import every
from tests.replying.desk import Desk, Streams, part, party, recorded, whole

OTHER, NOBODY = PrincipalRef("member", "P2"), PrincipalRef("member", "P8")
OTHERS = data("P3")["principals"]
REOPENED, LEAK = "REOPENED", "LEAK_ASSESSMENT"
Happens = Callable[[Desk, Streams], object]


def nothing(_desk: Desk, _streams: Streams) -> None:
    """Nothing happens."""


@dataclass(frozen=True, slots=True)
class Since:
    """What happens before the search, and three days after the reply; and the flags by then."""

    happens: Happens = nothing
    flags: set[str] = field(default_factory=set[str])
    before: Happens = nothing


def told_daily(desk: Desk) -> None:
    desk.later(days=1)
    desk.inside.house.exclusions().repeat(desk.inside.now, OFFICER)


def of_email(desk: Desk, _streams: Streams) -> UUID:
    return desk.record(desk.email)


def taken_back(desk: Desk, one: Streams) -> None:
    desk.correct(one[0], items=["氏名"])
    assert desk.flags() == {REOPENED}
    desk.correct(one[0], items=data()["items"])


def hidden_from_both(desk: Desk, _streams: Streams) -> None:
    came = desk.late(desk.who, OTHER)
    desk.hide(came, OTHER)
    assert desk.flags() == {REOPENED}
    desk.hide(came)
    desk.hide(came, lift=True)


def leaked(desk: Desk, one: Streams) -> None:
    desk.correct(one[0], principals=OTHERS)
    for act in (desk.exclude, desk.lift):
        assert desk.flags() == {REOPENED, LEAK}
        act(one[0])


def marked(desk: Desk, _streams: Streams) -> UUID:
    return desk.record(mark=2, counterparty=party("海風物産株式会社"))


def marks_lifted(desk: Desk, _streams: Streams) -> None:
    later = desk.late(mark=3)
    for entry in [later, *_hidden(desk)]:
        desk.hide(entry, lift=True)
        told_daily(desk)
        assert desk.flags() == set()


def _hidden(desk: Desk) -> list[UUID]:
    streams = desk.inside.house.streams
    found = streams.facts_of_topics(["transfer-provision-recorded"], 0)
    states = streams.transfer_states([one.stream for one in found])
    return [
        one
        for one, state in states.items()
        if state.entry is not None and state.entry.order_11 == 2
    ]


SINCE: dict[str, Since] = {
    "nothing": Since(),
    "a statutory value": Since(lambda desk, one: desk.correct(one[0], items=["氏名"]), {REOPENED}),
    "what no letter shows": Since(lambda desk, one: desk.correct(one[0], purpose="配送")),
    "a correction that is taken back": Since(taken_back),
    "a record that was not": Since(lambda desk, one: desk.retract(one[0]), {REOPENED}),
    "a record of somebody else": Since(
        lambda desk, one: desk.retract(one[0], "other_person"), {REOPENED, LEAK}
    ),
    "another person, then excluded and lifted": Since(leaked, {REOPENED, LEAK}),
    "a later transfer": Since(lambda desk, _: desk.today()),
    "a record that came late": Since(lambda desk, _: desk.late(), {REOPENED}),
    "one of the day of the search": Since(lambda desk, _: desk.late(days=0), {REOPENED}),
    "a late one that is excluded": Since(lambda desk, _: desk.exclude(desk.late())),
    "a late one that is hidden from another alone": Since(
        lambda desk, _: desk.hide(desk.late(desk.who, OTHER), OTHER), {REOPENED}
    ),
    "a late one that was hidden from this one too": Since(hidden_from_both),
    "a new name": Since(lambda desk, _: desk.rename("新姓 花子")),
    "identifiers that come together": Since(
        lambda desk, _: desk.link(desk.who, desk.email), {REOPENED}, of_email
    ),
    "an exclusion": Since(lambda desk, one: desk.exclude(one[1])),
    "an exclusion of every record": Since(lambda desk, one: desk.exclude(*one)),
    "an exclusion and a later transfer": Since(
        lambda desk, one: (desk.exclude(one[0]), desk.today())
    ),
    "an exclusion beside a change": Since(
        lambda desk, one: (desk.correct(one[0], items=["氏名"]), desk.exclude(one[2])), {REOPENED}
    ),
    "an exclusion for another person, and a change": Since(
        lambda desk, one: (desk.hide(one[1], OTHER), desk.correct(one[1], items=["氏名"])),
        {REOPENED},
    ),
    "what was excluded then is lifted and changes": Since(
        lambda desk, one: (
            told_daily(desk),
            desk.hide(one[1], lift=True),
            told_daily(desk),
            desk.correct(one[1], items=["氏名"]),
        ),
        before=lambda desk, one: desk.hide(one[1]),
    ),
    "what was lifted before the reply changes": Since(
        lambda desk, one: (told_daily(desk), desk.correct(one[0], items=["氏名"])),
        {REOPENED},
        lambda desk, one: (desk.hide(one[0]), desk.hide(one[0], lift=True), desk.later(minutes=1)),
    ),
    "marks that are lifted": Since(marks_lifted, before=marked),
}


def sent(desk: Desk, before: Happens = nothing) -> Streams:
    """A full reply, and the three records on it; it is three days later."""
    streams = recorded(desk)
    before(desk, streams)
    desk.verified().searched()
    desk.decided().sent()
    assert desk.flags() == set()
    desk.later(days=3)
    return streams


@every("name", SINCE)
def test_what_happened_since_raises_these_flags_and_makes_a_supplement_or_none(
    name: str, desk: Desk
) -> None:
    since, one = SINCE[name], desk.another()
    since.happens(one, sent(one, since.before))
    assert one.flags() == since.flags
    one.reopened("記録の確認のためです。").searched()
    if REOPENED in since.flags:
        assert one.decided().sent().pdf
        assert one.state.replies[-1].supplementary
        return
    is_refused(one.decided())
    assert one.do(Close()).state.status == CaseStatus.CLOSED
    assert len(one.state.replies) == 1


def is_refused(desk: Desk) -> None:
    """The answer adds nothing, and the case stays as it was."""
    before = desk.state
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    assert desk.state == before


ACTS: dict[str, Callable[[Desk, UUID], object]] = {
    "put": lambda desk, one: desk.hide(one),
    "lifted": lambda desk, one: desk.hide(one, lift=True),
    "told": lambda desk, _: told_daily(desk),
    "corrected": lambda desk, one: desk.correct(one, items=["氏名"]),
}
ORDERS = [one for one in permutations(ACTS) if one.index("put") < one.index("lifted")]


@every("order", ORDERS)
def test_what_was_hidden_since_the_reply_raises_nothing(order: Sequence[str], desk: Desk) -> None:
    one = desk.another()
    first = sent(one)[0]
    for name in order:
        before = one.flags()
        ACTS[name](one, first)
        if name in ("put", "lifted"):
            assert one.flags() <= before, f"{name} raised a flag"
    assert one.flags() == set()


def test_what_was_withheld_may_change_unnoticed(desk: Desk) -> None:
    streams = recorded(desk)
    desk.verified().searched()
    desk.decided([whole(streams[0]), part(streams[1], "COUNTERPARTY")]).sent()
    desk.later(days=3)
    desk.correct(streams[0], items=["氏名"])
    desk.correct(streams[1], counterparty=party("川上運輸株式会社"))
    assert desk.flags() == set()
    desk.retract(streams[0], "other_person")
    assert desk.flags() == set()  # nobody was shown it
    desk.correct(streams[1], items=["氏名"])
    assert desk.flags() == {REOPENED}


def test_identifiers_that_fall_apart_are_assessed(desk: Desk) -> None:
    sent(desk, of_email)
    desk.link(desk.who, desk.email)
    desk.reopened("別の記録が見つかったため").searched()
    desk.decided().sent()
    assert desk.flags() == {"SUPERSEDED"}
    desk.link(desk.who, desk.email, apart=True)
    assert desk.flags() == {"SUPERSEDED", REOPENED, LEAK}


def collective(desk: Desk, *people: PrincipalRef, **changes: Any) -> None:  # noqa: ANN401 -- JSON
    """A message of the person's series; one that opens or ends it by `transferred_to`."""
    if "transferred_to" in changes:
        changes["transferred_on"] = None
    series = {"method": "collective", "series_id": f"s-{desk.who.id}", **changes}
    named: list[Json] = [{"scheme": one.scheme, "id": one.id} for one in people or (desk.who,)]
    content = data(**{"principals": named, **series})
    if "transferred_to" in changes:
        content["transferred_to"] = changes["transferred_to"]
    desk.inside.record(f"s-{desk.inside.head()}", content)


def test_messages_that_carry_a_collective_record_on_and_end_it_reopen_nothing(desk: Desk) -> None:
    first = day_in_japan(desk.inside.now).isoformat()
    collective(desk, transferred_from=first, transferred_to=None)
    desk.verified().searched()
    desk.decided().sent()
    desk.later(days=3)
    last = day_in_japan(desk.inside.now).isoformat()
    collective(desk, transferred_on=last)
    assert desk.flags() == set()
    collective(desk, transferred_from=first, transferred_to=last)
    assert desk.flags() == set()


@every("is_before, raised", [(False, set[str]()), (True, {REOPENED})])
def test_a_message_of_another_that_ends_the_record_reopens_if_it_is_of_before_the_search(
    desk: Desk,
    is_before: bool,  # noqa: FBT001 -- a column
    raised: set[str],
) -> None:
    one = desk.another()
    first = day_in_japan(one.inside.now).isoformat()
    more: dict[str, Any] = {"transferred_from": first, "basis": "none", "consent": None}
    collective(one, **more, transferred_to=None)
    one.verified().searched()
    one.decided().sent()
    one.later(days=3)
    last = first if is_before else day_in_japan(one.inside.now).isoformat()
    collective(one, OTHER, **more, transferred_to=last, recorded_on=last)
    assert one.inside.page(one.who.id).entries[0].last_day is not None
    assert one.flags() == raised


# -- between the search, the decision, the approval and the post -------------------------------

VOID: dict[str, Callable[[Desk, UUID], object]] = {
    "a statutory value": lambda desk, one: desk.correct(one, items=["氏名"]),
    "a record that was not": lambda desk, one: desk.retract(one),
    "an exclusion": lambda desk, one: desk.exclude(one),
    "a record that came late": lambda desk, _: desk.late(),
    "identifiers that come together": lambda desk, _: desk.link(desk.who, desk.email),
}
OF_RECORDS = ("a statutory value", "a record that was not", "an exclusion")


@every("name", VOID)
@every("upto", ["searched", "decided", "approved"])
def test_a_decision_that_would_read_differently_goes_nowhere(
    name: str, upto: str, desk: Desk
) -> None:
    one = desk.another()
    streams = recorded(one)
    of_email(one, streams)
    one.verified().searched()
    one.inside.follow()
    one.replies.unchanged(one.state)
    if upto != "searched":
        one.decided()
    if upto == "approved":
        one.submitted().do(one.approval(), by=APPROVER)
    VOID[name](one, streams[0])
    if name in OF_RECORDS and upto != "approved":
        one.inside.follow()
        with pytest.raises(StaleApprovalError):
            one.replies.unchanged(one.state)
    if upto != "searched":
        assert one.flags() == (set() if name == "an exclusion" else {"DECISION_VOID"})
        with pytest.raises(StaleApprovalError):
            one.submitted() if upto == "decided" else one.posted()
    if upto == "approved":
        one.do(SendBack("記録が変わった"), by=APPROVER)
    one.searched()
    assert one.decided().sent().pdf
    assert one.flags() == set()


def test_a_record_of_after_the_search_changes_nothing(desk: Desk) -> None:
    recorded(desk)
    desk.verified().searched()
    before = desk.decided().approved().rendered()
    desk.today()
    desk.inside.follow()
    assert desk.rendered() == before
    assert desk.flags() == set()
    desk.posted()
    desk.later(days=3)
    assert desk.flags() == set()


def test_other_documents_than_the_submitted_ones_are_not_approved(desk: Desk) -> None:
    recorded(desk)
    desk.verified().searched()
    assert desk.flags() == set()
    desk.decided().submitted()
    rendered, document = desk.rendered()
    assert desk.rendered() == (rendered, document), "a second look gives the same bytes"
    forged = dict(document.documents) | {"reply.json": b"{}"}
    with pytest.raises(StaleApprovalError):
        desk.do(Approve(rendered, forged, 1), by=APPROVER)
    desk.do(desk.approval(), by=APPROVER).do(SendBack("宛名を確認"), by=APPROVER)
    first, second = desk.document, desk.sent()
    assert second != first
    assert desk.replies.stored(desk.stream, 1) == second.documents
    assert len(desk.state.kept) == 2


def test_what_is_in_the_post_already_is_put_down_though_the_records_changed(desk: Desk) -> None:
    first, *_ = recorded(desk)
    desk.verified().searched()
    desk.decided().approved()
    document = desk.document
    assert document is not None
    desk.correct(first, items=["氏名"])
    with pytest.raises(StaleApprovalError):
        desk.posted()
    assert desk.posted(already_posted=True) == document
    [reply] = desk.state.replies
    assert reply.changed_since
    assert desk.replies.stored(desk.stream, 1) == document.documents
    assert desk.replies.reproduce(desk.stream, 1) == document
    assert desk.flags() == {REOPENED}
    desk.reopened("記録が訂正されたためです。").searched()
    assert desk.decided().sent().json != document.json
    assert [one.changed_since for one in desk.state.replies] == [True, False]
    # What the post brought back reads differently to nobody; the first one is in hand.
    desk.do(Return(day_in_japan(desk.inside.now), "refused"))
    assert desk.state.current_reply is not None
    assert desk.flags() == {REOPENED, "SUPERSEDED"}


def test_no_flag_asks_for_another_look_where_nobody_has_a_reply(desk: Desk) -> None:
    first, *_ = sent(desk)
    desk.do(Close(), Return(day_in_japan(desk.inside.now), "refused"))
    desk.correct(first, items=["氏名"])
    assert (desk.state.current_reply, desk.flags()) == (None, set())
