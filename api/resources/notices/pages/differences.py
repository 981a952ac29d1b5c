"""What a published notice announces, point by point, and what two publications say differently."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, cast

from api.web.pages.days import short
from ledger.notices.notice import PublishedNotice
from ledger.values import Json

OWNERS: Final = "公表事項"
DAYS: Final = "日付"
SCOPE: Final = "共同して利用する者の範囲"
ITEMS: Final = "個人データの項目"
PURPOSES: Final = "利用目的"
RESPONSIBLE: Final = "管理について責任を有する者"
FIELDS: Final = {"name": "氏名又は名称", "address": "住所", "representative": "代表者の氏名"}
DATA_KINDS: Final = {
    "personal_data": "個人データ",
    "personally_referable": "個人関連情報",
    "pseudonymously_processed": "仮名加工情報",
    "anonymously_processed": "匿名加工情報",
    "statistical": "統計情報",
}


@dataclass(frozen=True, slots=True)
class NoticePoint:
    """One point of a section.

    Attributes:
        heading: what it is about; text: what is said of it.
        number: of the points of the section under this heading, from 1.
    """

    heading: str
    text: str
    number: int = 1

    @property
    def key(self) -> str:
        """What tells it from the others of the section."""
        return self.heading if self.number == 1 else f"{self.heading}（{self.number}）"


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """A part of what is announced."""

    title: str
    points: tuple[NoticePoint, ...]


@dataclass(frozen=True, slots=True)
class PointChange:
    """A point that two publications say differently; None where one of them is silent."""

    key: str
    kind: Literal["added", "removed", "changed"]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """A section with what differs in it: what is gone and what changed, then what is new."""

    title: str
    changes: tuple[PointChange, ...]


def announced(published: PublishedNotice) -> tuple[NoticeSection, ...]:
    """What one publication says: a version, an amendment, or a filing."""
    event = published.event
    if event.kind == "opt_out":
        return _number_points(_of_filing(event.notice))
    sections = [_about(event.notice)]
    if event.version is not None:
        sections += _of_version(event.version)
    return _number_points(sections)


def differences(
    before: Sequence[NoticeSection], after: Sequence[NoticeSection]
) -> tuple[ChangedSection, ...]:
    """Which points differ, section by section; the order of points tells nothing."""
    titles = dict.fromkeys(one.title for one in (*before, *after))
    then = {one.title: one.points for one in before}
    now = {one.title: one.points for one in after}
    found = (
        ChangedSection(title, _changes(then.get(title, ()), now.get(title, ()))) for title in titles
    )
    return tuple(one for one in found if one.changes)


def _changes(
    before: Iterable[NoticePoint], after: Iterable[NoticePoint]
) -> tuple[PointChange, ...]:
    """What differs; under one heading what both say is found first, so the rest is what changed."""
    gone: list[NoticePoint] = []
    new = list(after)
    for point in before:
        same = [one for one in new if (one.heading, one.text) == (point.heading, point.text)]
        if same:
            new.remove(same[0])
        else:
            gone.append(point)
    found: list[PointChange] = []
    for point in gone:
        instead = next((one for one in new if one.heading == point.heading), None)
        if instead is None:
            found.append(PointChange(point.key, "removed", point.text, None))
        else:
            new.remove(instead)
            found.append(PointChange(point.key, "changed", point.text, instead.text))
    found += (PointChange(one.key, "added", None, one.text) for one in new)
    return tuple(found)


def _number_points(sections: Iterable[NoticeSection]) -> tuple[NoticeSection, ...]:
    """The sections that say something; equal headings are counted, so that no point is lost."""
    found: list[NoticeSection] = []
    for one in sections:
        seen: Counter[str] = Counter()
        points: list[NoticePoint] = []
        for point in one.points:
            seen[point.heading] += 1
            points.append(replace(point, number=seen[point.heading]))
        if points:
            found.append(NoticeSection(one.title, tuple(points)))
    return tuple(found)


def _about(notice: Mapping[str, Json]) -> NoticeSection:
    """What is said of the notice beside its versions."""
    kinds = cast("list[str]", notice.get("data_kinds") or ["personal_data"])
    changes = cast("list[dict[str, str]]", notice.get("responsible_changes") or [])
    points = [
        NoticePoint("標題", _text(notice, "title")),
        NoticePoint("公表した者", _text(notice, "owner")),
        NoticePoint("出典", _text(notice, "source")),
        NoticePoint("対象の情報", "、".join(DATA_KINDS.get(one, one) for one in kinds)),
        *(NoticePoint("備考", one) for one in cast("list[str]", notice.get("notes") or [])),
        *(
            NoticePoint(
                f"管理について責任を有する者の変更　{FIELDS.get(one['field'], one['field'])}",
                _day(one, "changed_on"),
            )
            for one in changes
        ),
    ]
    return NoticeSection(OWNERS, tuple(one for one in points if one.text))


def _of_version(version: Mapping[str, Json]) -> list[NoticeSection]:
    responsible = cast("dict[str, str]", version["responsible"])
    scope = cast("list[dict[str, str]]", version["scope"])
    items = cast("list[dict[str, Json]]", version["items"])
    purposes = cast("list[dict[str, Json]]", version["purposes"])
    days = (("効力の生じる日", "in_force_from"), ("公表日", "published_on"))
    return [
        NoticeSection(DAYS, tuple(NoticePoint(label, _day(version, name)) for label, name in days)),
        NoticeSection(SCOPE, tuple(NoticePoint(one["party_id"], one["name"]) for one in scope)),
        NoticeSection(
            ITEMS, tuple(NoticePoint(_text(one, "category"), _item(one)) for one in items)
        ),
        NoticeSection(
            PURPOSES, tuple(NoticePoint(_text(one, "code"), _purpose(one)) for one in purposes)
        ),
        NoticeSection(
            RESPONSIBLE,
            tuple(NoticePoint(label, responsible[name]) for name, label in FIELDS.items()),
        ),
    ]


def _of_filing(filing: Mapping[str, Json]) -> list[NoticeSection]:
    days = (
        ("届出の日", "filed_on"),
        ("本人が容易に知り得る状態に置いた日", "available_from"),
        ("提供の開始予定日", "start_planned"),
    )
    items = cast("list[str]", filing["items"])
    return [
        NoticeSection(DAYS, tuple(NoticePoint(label, _day(filing, name)) for label, name in days)),
        NoticeSection(ITEMS, tuple(NoticePoint(one, "") for one in items)),
    ]


def _item(item: Mapping[str, Json]) -> str:
    listed = "、".join(cast("list[str]", item.get("listed") or []))
    lines = (
        ("", _text(item, "definition")),
        ("例：", listed),
        ("備考：", _text(item, "note")),
    )
    return "\n".join(f"{label}{text}" for label, text in lines if text)


def _purpose(purpose: Mapping[str, Json]) -> str:
    examples = "、".join(cast("list[str]", purpose.get("examples") or []))
    label = _text(purpose, "label")
    return f"{label}\n例：{examples}" if examples else label


def _text(members: Mapping[str, Json], name: str) -> str:
    return cast("str | None", members.get(name)) or ""


def _day(members: Mapping[str, Json], name: str) -> str:
    return short(date.fromisoformat(cast("str", members[name])))
