"""公表の違い: of several texts under one heading, what both publications say is no difference."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.resources.notices.pages.differences import PointChange, announced, differences
from ledger.format.events import NoticePublished
from ledger.notices.notice import PublishedNotice
from tests.doors.samples import notice

TEXTS = st.lists(st.sampled_from(["A", "B", "C", "D"]), max_size=5)


def told(then: list[str], now: list[str]) -> list[PointChange]:
    """What differs between two publications that differ in their notes."""
    before, after = (announced(published(notes)) for notes in (then, now))
    return [change for one in differences(before, after) for change in one.changes]


def published(notes: list[str]) -> PublishedNotice:
    body: dict[str, Any] = {**notice(notes=notes)}
    version = body.pop("version")
    names, day = (body["notice_id"], body["kind"]), date(2025, 4, 1)
    return PublishedNotice(1, NoticePublished(*names, body, version, 1, day, day))


@given(TEXTS, TEXTS)
def test_what_is_told_leads_from_the_one_to_the_other_and_no_text_that_stays_is_told(
    then: list[str], now: list[str]
) -> None:
    changes = told(then, now)
    gone = [one.before for one in changes if one.before is not None]
    come = [one.after for one in changes if one.after is not None]
    assert not set(gone) & set(come)
    left = [*then]
    for one in gone:
        left.remove(one)
    assert sorted([*left, *come]) == sorted(now)
