"""Notices: which version or filing counts for a day, as known at a position."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.cases.refusals import StaleVersionError
from ledger.commands import PublishNotice, WithdrawNotice
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, DoesNotStandError, MalformedError
from ledger.format.events import NoticePublished, NoticeWithdrawn
from ledger.notices import notice
from ledger.notices.notice import UnlawfulChangesError
from ledger.policies.context import JointUseNotice, OptOutFiling
from ledger.policies.notice_changes import ChangeStatement
from tests.ledger.given import ACTOR, COMMAND, expired, facts, malformed
from tests.ledger.inside import Inside

JANUARY, MARCH, JUNE = (date(2026, month, 1) for month in (1, 3, 6))
MEMBERS: dict[str, Any] = {"notice_id": "JU", "kind": "joint_use", "owner": "qonoq"}


def version(label: str, day: date) -> dict[str, Any]:
    return {
        "version": label,
        "in_force_from": day.isoformat(),
        "published_on": day.isoformat(),
        "scope": [{"party_id": "docomo", "name": "株式会社NTTドコモ"}],
        "items": [{"category": "基本情報", "listed": ["氏名"]}],
        "purposes": [{"code": "④", "label": "ご案内"}],
        "responsible": {"name": "見本", "address": "東京都", "representative": "見本一郎"},
    }


def filing(day: date, *items: str) -> dict[str, Any]:
    start = day.isoformat()
    return {
        "notice_id": "OO",
        "kind": "opt_out",
        "available_from": start,
        "filed_on": start,
        "start_planned": start,
        "items": list(items),
    }


def joint(label: str | None, day: date = JANUARY, **members: Any) -> PublishNotice:  # noqa: ANN401 -- JSON
    content = None if label is None else version(label, day)
    return PublishNotice(COMMAND, ACTOR, "JU", "joint_use", {**MEMBERS, **members}, content)


def opt_out(day: date, *items: str) -> PublishNotice:
    return PublishNotice(COMMAND, ACTOR, "OO", "opt_out", filing(day, *items), None)


def withdrawal(day: date) -> WithdrawNotice:
    return WithdrawNotice(COMMAND, ACTOR, "JU", day, "終了")


def state_of(*commands: PublishNotice | WithdrawNotice) -> notice.State:
    """The state after the commands, one after the other."""
    events: list[NoticePublished | NoticeWithdrawn] = []
    state: notice.State | None = None
    for command in commands:
        if isinstance(command, PublishNotice):
            events.append(notice.publish(command, state))
        else:
            events.append(notice.withdraw(command, state))
        state = notice.fold(None, facts(events))
    assert state is not None
    return state


def labels_on(state: notice.State, day: date | None) -> list[str] | None:
    found = notice.notice_on(state, day)
    if found is None:
        return None
    assert isinstance(found, JointUseNotice)
    return [one.version for one in found.versions]


def items_on(state: notice.State, day: date | None) -> tuple[str, ...]:
    found = notice.notice_on(state, day)
    assert isinstance(found, OptOutFiling)
    return found.items


def test_the_same_version_is_not_published_again() -> None:
    with pytest.raises(AlreadyActiveError):
        notice.publish(joint("v1", MARCH), state_of(joint("v1")))
    with pytest.raises(AlreadyActiveError):
        notice.publish(opt_out(MARCH, "氏名"), state_of(opt_out(MARCH, "氏名")))


def test_what_an_amendment_had_changed_may_be_amended_back() -> None:
    a, b = joint(None, title="甲"), joint(None, title="乙")
    state = state_of(joint("v1"), a, b)
    with pytest.raises(AlreadyActiveError):
        notice.publish(b, state)
    assert notice.publish(a, state).number == 4
    found = notice.notice_on(state_of(joint("v1"), a, b, a), MARCH)
    assert isinstance(found, JointUseNotice)
    assert found.title == "甲"


def test_a_filing_may_come_back_after_another_and_after_its_withdrawal() -> None:
    first, second = opt_out(JANUARY, "氏名"), opt_out(MARCH, "住所")
    assert notice.publish(first, state_of(first, second)).number == 3
    with pytest.raises(AlreadyActiveError):
        notice.publish(second, state_of(first, second))
    assert notice.publish(first, state_of(first, withdrawal(MARCH))).number == 2


def test_a_notice_id_stands_for_one_kind() -> None:
    other = PublishNotice(COMMAND, ACTOR, "JU", "opt_out", filing(MARCH), None)
    with pytest.raises(MalformedError):
        notice.publish(other, state_of(joint("v1")))


def test_an_amendment_needs_a_version_and_speaks_of_the_newest() -> None:
    assert malformed(notice.publish, joint(None), None) == {("/version", "VERSION_MISSING")}
    changed = [{"changed_on": "2026-03-01", "field": "address"}]
    amended = state_of(joint("v1", MARCH), joint(None, responsible_changes=changed))
    assert amended.published[-1].event.in_force_from == MARCH
    found = notice.notice_on(amended, JUNE)
    assert isinstance(found, JointUseNotice)
    assert found.responsible_changes == ((MARCH, "address"),)


def test_a_later_filing_never_changes_what_an_earlier_transfer_was() -> None:
    state = state_of(opt_out(JANUARY, "氏名"), opt_out(MARCH, "住所"))
    assert items_on(state, date(2026, 2, 1)) == ("氏名",)
    assert items_on(state, MARCH) == ("住所",)
    assert items_on(state, None) == ("住所",)


def test_before_every_filing_the_first_to_come_is_the_one_to_miss() -> None:
    state = state_of(opt_out(MARCH, "住所"), opt_out(JANUARY, "氏名"))
    assert items_on(state, date(2025, 12, 1)) == ("氏名",)
    assert items_on(state, JUNE) == ("住所",)


def test_a_withdrawn_notice_counts_for_the_days_before() -> None:
    state = state_of(joint("v1"), withdrawal(MARCH))
    assert state.withdrawn_on == MARCH
    assert labels_on(state, date(2026, 2, 28)) == ["v1"]
    assert labels_on(state, MARCH) is None
    assert labels_on(state, None) is None


def test_publishing_again_does_not_revive_what_was_withdrawn() -> None:
    state = state_of(joint("v1"), withdrawal(MARCH), joint("v2", JUNE))
    assert state.withdrawn_on is None
    assert labels_on(state, date(2026, 2, 1)) == ["v1", "v2"]
    assert labels_on(state, date(2026, 4, 1)) == ["v2"]


def test_an_amendment_does_not_revive_what_was_withdrawn() -> None:
    state = state_of(joint("v1"), withdrawal(MARCH), joint(None, title="題"))
    assert state.withdrawn_on == MARCH
    assert labels_on(state, JUNE) is None


def test_only_what_stands_is_withdrawn() -> None:
    for state in (None, state_of(joint("v1"), withdrawal(MARCH))):
        with pytest.raises(DoesNotStandError):
            notice.withdraw(withdrawal(JUNE), state)


def test_a_verdict_names_the_position_of_what_it_relied_on() -> None:
    versions = state_of(joint("v1"), joint("v2", MARCH), joint(None, title="題"))
    assert notice.position_of(versions, "v1", JANUARY) == 1
    assert notice.position_of(versions, "v2", MARCH) == 2
    assert notice.position_of(versions, None, JANUARY) is None
    filings = state_of(opt_out(JANUARY, "氏名"), opt_out(MARCH, "住所"))
    assert notice.position_of(filings, None, JANUARY) == 1
    assert notice.position_of(filings, None, JUNE) == 2


def test_a_notice_whose_first_event_has_expired_is_unknown() -> None:
    assert notice.fold(None, facts([expired("notice-published")])) is None
    gone = [expired("notice-published"), NoticeWithdrawn(MARCH, "終了")]
    assert notice.fold(None, facts(gone)) is None


def changing(label: str, begins: date, public: date, **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """The version of `joint` with other days and members."""
    return {**version(label, begins), "published_on": public.isoformat(), **members}


def publication(content: dict[str, Any], **said: Any) -> PublishNotice:  # noqa: ANN401 -- members of the command
    return PublishNotice(COMMAND, ACTOR, "JU", "joint_use", MEMBERS, content, **said)


MORE_USERS = [
    {"party_id": "docomo", "name": "株式会社NTTドコモ"},
    {"party_id": "new", "name": "新顔株式会社"},
]
MORE_PURPOSES = [{"code": "④", "label": "ご案内"}, {"code": "⑤", "label": "調査"}]


def codes(event: NoticePublished) -> list[str]:
    return [one.code for one in event.changes]


def test_a_lawful_change_is_published_with_its_verdict() -> None:
    content = changing("v2", JUNE, MARCH, purposes=MORE_PURPOSES)
    event = notice.publish(publication(content), state_of(joint("v1")))
    assert codes(event) == ["NOTICE_BEFOREHAND"]
    assert event.findings == ()


def test_an_unlawful_change_is_refused_at_its_place_and_recorded_when_it_is_meant() -> None:
    state = state_of(joint("v1"))
    content = changing("v2", MARCH, MARCH, scope=MORE_USERS, purposes=MORE_PURPOSES)
    with pytest.raises(UnlawfulChangesError) as refused:
        notice.publish(publication(content), state)
    assert [(one.pointer, one.code) for one in refused.value.defects] == [
        ("/version/scope/1", "JU_CHANGE_NOT_ALLOWED"),
        ("/version/purposes/1", "JU_CHANGE_NOT_ANNOUNCED_BEFORE"),
    ]
    assert "新顔" not in str(refused.value.defects) + str(refused.value.changes)
    event = notice.publish(publication(content, records_unlawful=True), state)
    assert event.findings == event.changes
    assert len(event.findings) == 2


def test_a_version_is_compared_with_the_one_in_force_before_it() -> None:
    later = publication(changing("v3", JUNE, JANUARY, purposes=MORE_PURPOSES))
    state = state_of(joint("v1"), later)
    between = notice.publish(joint("v2", MARCH), state)
    assert codes(between) == [], "it follows v1, whatever is to come"
    after = publication(changing("v4", date(2026, 7, 1), JUNE, purposes=MORE_PURPOSES))
    assert codes(notice.publish(after, state)) == [], "v3 is in force by then"
    same_day = publication(changing("v3b", JUNE, JUNE, purposes=MORE_PURPOSES))
    assert codes(notice.publish(same_day, state)) == []


def test_one_that_is_put_between_leaves_the_next_one_as_it_was_judged() -> None:
    whole = [*version("v1", JANUARY)["items"], {"category": "連絡先", "listed": ["住所"]}]
    first = publication(changing("v1", JANUARY, JANUARY, items=whole))
    later = publication(changing("v3", JUNE, JANUARY, items=whole))
    between = notice.publish(joint("v2", MARCH), state_of(first, later))
    assert codes(between) == [], "what v3 has more than v2 was announced, and judged, before"


def test_a_version_that_precedes_all_is_compared_with_the_first_of_them() -> None:
    later = publication(changing("v2", JUNE, MARCH, purposes=MORE_PURPOSES))
    state = state_of(joint("v1", MARCH), later)
    wider = publication(changing("v0", JANUARY, JANUARY, scope=MORE_USERS))
    with pytest.raises(UnlawfulChangesError) as refused:
        notice.publish(wider, state)
    assert [one.code for one in refused.value.defects] == ["JU_CHANGE_NOT_ALLOWED"]
    recorded = notice.publish(replace(wider, records_unlawful=True), state)
    assert [one.kind for one in recorded.findings] == ["add_user"]
    assert codes(notice.publish(joint("v0", JANUARY), state)) == []


def test_a_version_after_a_withdrawal_is_no_first_one_when_the_notice_began_anew() -> None:
    state = state_of(joint("v1"), withdrawal(MARCH), joint("v2", JUNE))
    wider = publication(changing("v3", date(2026, 4, 1), MARCH, scope=MORE_USERS))
    with pytest.raises(UnlawfulChangesError):
        notice.publish(wider, state)


def test_a_first_version_and_one_after_the_withdrawal_change_nothing() -> None:
    content = changing("v2", MARCH, MARCH, scope=MORE_USERS)
    assert codes(notice.publish(publication(content), None)) == []
    ended = state_of(joint("v1"), withdrawal(MARCH))
    assert codes(notice.publish(publication(content), ended)) == []
    still = state_of(joint("v1"), withdrawal(JUNE))
    with pytest.raises(UnlawfulChangesError):
        notice.publish(publication(content), still)


def test_an_amendment_makes_no_change_that_is_judged_and_states_none() -> None:
    state = state_of(joint("v1"))
    amendment = joint(None, title="別の標題")
    assert codes(notice.publish(amendment, state)) == []
    with pytest.raises(MalformedError) as refused:
        notice.publish(replace(amendment, stated=ChangeStatement(wording_only=True)), state)
    assert refused.value.defects[0].pointer == "/stated"


def test_a_successor_stands_in_the_scope() -> None:
    content = changing("v2", MARCH, MARCH)
    stated = ChangeStatement(successions=(("docomo", "somebody-else"),))
    with pytest.raises(MalformedError) as refused:
        notice.publish(publication(content, stated=stated), state_of(joint("v1")))
    [defect] = refused.value.defects
    assert (defect.pointer, defect.code) == ("/stated/successions/0/to", "NOT_A_JOINT_USER")


def test_what_a_version_recorded_unlawfully_stands_for_the_next_one() -> None:
    content = changing("v2", MARCH, MARCH, scope=MORE_USERS)
    state = state_of(joint("v1"), publication(content, records_unlawful=True))
    again = publication(changing("v3", JUNE, JUNE, scope=MORE_USERS))
    assert codes(notice.publish(again, state)) == []
    assert [one.code for one in state.published[-1].event.findings] == ["JU_CHANGE_NOT_ALLOWED"]


def anew(command: PublishNotice, expected_version: int | None) -> PublishNotice:
    return replace(command, command=random_uuid(), expected_version=expected_version)


def test_a_notice_is_published_as_it_was_seen_and_not_otherwise(house: Inside) -> None:
    publish = house.ledger.publish
    with pytest.raises(StaleVersionError):
        publish(anew(joint("v1"), 1), house.now)
    publish(anew(joint("v1"), 0), house.now)
    with pytest.raises(StaleVersionError):
        publish(anew(joint("v2", MARCH), 0), house.now)
    publish(anew(joint("v2", MARCH), 1), house.now)
    # Who looked at nothing publishes on whatever stands, as at the doors.
    publish(anew(joint("v3", MARCH), None), house.now)
    [state] = house.ledger.notices()
    assert (state.version, len(state.published)) == (3, 3)


def ending(day: date, expected_version: int | None) -> WithdrawNotice:
    return replace(withdrawal(day), command=random_uuid(), expected_version=expected_version)


def test_a_notice_is_withdrawn_as_it_was_seen_and_not_otherwise(house: Inside) -> None:
    publish = house.ledger.publish
    publish(anew(joint("v1"), None), house.now)
    publish(anew(joint("v2", MARCH), None), house.now)
    with pytest.raises(StaleVersionError):
        publish(ending(MARCH, 1), house.now)
    assert house.ledger.notices()[0].withdrawn_on is None
    publish(ending(MARCH, 2), house.now)
    assert house.ledger.notices()[0].withdrawn_on == MARCH
