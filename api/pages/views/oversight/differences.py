"""What a published notice announces, point by point, and what two publications say differently."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, cast

from api.pages.days import short
from ledger.notice import Published
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
class Point:
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
class Section:
    """A part of what is announced."""

    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A point that two publications say differently; None where one of them is silent."""

    key: str
    kind: Literal["added", "removed", "changed"]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A section with what differs in it: what is gone and what changed, then what is new."""

    title: str
    changes: tuple[Change, ...]


def announced(published: Published) -> tuple[Section, ...]:
    """What one publication says: a version, an amendment, or a filing."""
    event = published.event
    if event.kind == "opt_out":
        return _told(_of_filing(event.notice))
    sections = [_about(event.notice)]
    if event.version is not None:
        sections += _of_version(event.version)
    return _told(sections)


def differences(before: Sequence[Section], after: Sequence[Section]) -> tuple[Changed, ...]:
    """Which points differ, section by section; the order of points tells nothing."""
    titles = dict.fromkeys(one.title for one in (*before, *after))
    then = {one.title: one.points for one in before}
    now = {one.title: one.points for one in after}
    found = (Changed(title, _changes(then.get(title, ()), now.get(title, ()))) for title in titles)
    return tuple(one for one in found if one.changes)


def _changes(before: Iterable[Point], after: Iterable[Point]) -> tuple[Change, ...]:
    """What differs; under one heading what both say is found first, so the rest is what changed."""
    gone: list[Point] = []
    new = list(after)
    for point in before:
        same = [one for one in new if (one.heading, one.text) == (point.heading, point.text)]
        if same:
            new.remove(same[0])
        else:
            gone.append(point)
    found: list[Change] = []
    for point in gone:
        instead = next((one for one in new if one.heading == point.heading), None)
        if instead is None:
            found.append(Change(point.key, "removed", point.text, None))
        else:
            new.remove(instead)
            found.append(Change(point.key, "changed", point.text, instead.text))
    found += (Change(one.key, "added", None, one.text) for one in new)
    return tuple(found)


def _told(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections that say something; equal headings are counted, so that no point is lost."""
    found: list[Section] = []
    for one in sections:
        seen: Counter[str] = Counter()
        points: list[Point] = []
        for point in one.points:
            seen[point.heading] += 1
            points.append(replace(point, number=seen[point.heading]))
        if points:
            found.append(Section(one.title, tuple(points)))
    return tuple(found)


def _about(notice: Mapping[str, Json]) -> Section:
    """What is said of the notice beside its versions."""
    kinds = cast("list[str]", notice.get("data_kinds") or ["personal_data"])
    changes = cast("list[dict[str, str]]", notice.get("responsible_changes") or [])
    points = [
        Point("標題", _text(notice, "title")),
        Point("公表した者", _text(notice, "owner")),
        Point("出典", _text(notice, "source")),
        Point("対象の情報", "、".join(DATA_KINDS.get(one, one) for one in kinds)),
        *(Point("備考", one) for one in cast("list[str]", notice.get("notes") or [])),
        *(
            Point(
                f"管理について責任を有する者の変更　{FIELDS.get(one['field'], one['field'])}",
                _day(one, "changed_on"),
            )
            for one in changes
        ),
    ]
    return Section(OWNERS, tuple(one for one in points if one.text))


def _of_version(version: Mapping[str, Json]) -> list[Section]:
    responsible = cast("dict[str, str]", version["responsible"])
    scope = cast("list[dict[str, str]]", version["scope"])
    items = cast("list[dict[str, Json]]", version["items"])
    purposes = cast("list[dict[str, Json]]", version["purposes"])
    days = (("効力の生じる日", "in_force_from"), ("公表日", "published_on"))
    return [
        Section(DAYS, tuple(Point(label, _day(version, name)) for label, name in days)),
        Section(SCOPE, tuple(Point(one["party_id"], one["name"]) for one in scope)),
        Section(ITEMS, tuple(Point(_text(one, "category"), _item(one)) for one in items)),
        Section(PURPOSES, tuple(Point(_text(one, "code"), _purpose(one)) for one in purposes)),
        Section(
            RESPONSIBLE, tuple(Point(label, responsible[name]) for name, label in FIELDS.items())
        ),
    ]


def _of_filing(filing: Mapping[str, Json]) -> list[Section]:
    days = (
        ("届出の日", "filed_on"),
        ("本人が容易に知り得る状態に置いた日", "available_from"),
        ("提供の開始予定日", "start_planned"),
    )
    items = cast("list[str]", filing["items"])
    return [
        Section(DAYS, tuple(Point(label, _day(filing, name)) for label, name in days)),
        Section(ITEMS, tuple(Point(one, "") for one in items)),
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
