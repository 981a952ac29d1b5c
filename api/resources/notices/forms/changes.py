"""The changes that a version makes, as pages show them: each with verdict, article and remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from api.resources.notices.forms.fields import STATEMENTS
from api.web.pages.citations import cited
from ledger.format.events import NoticePublished
from ledger.law.notice_changes import CHANGE_VERDICTS, ChangeVerdict
from ledger.policies.notice_changes import JudgedChange
from ledger.values import Json

_KINDS: Final = {
    "add_item": "項目の追加",
    "change_item": "項目の定義の変更",
    "add_user": "共同利用者の追加",
    "rename_user": "共同利用者の名称の変更",
    "succession_of_user": "共同利用者の事業の承継",
    "purpose": "利用目的の変更",
    "responsible_party": "管理について責任を有する者そのものの変更",
    "responsible_name": "管理について責任を有する者の氏名又は名称の変更",
    "responsible_address": "管理について責任を有する者の住所の変更",
    "responsible_representative": "管理について責任を有する者の代表者の氏名の変更",
}
_NAMED_BY: Final = ("category", "name", "label")
"""The member by which an item, a user and a purpose are named."""
_LEFT_OUT: Final = "この版にない利用目的"


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change, as a page shows it.

    Attributes:
        kind: what kind of change it is, in words.
        name: what is changed, as the version names it; empty where the kind says it all.
        article: as texts cite it.
    """

    kind: str
    name: str
    verdict: ChangeVerdict
    article: str


def describe_changes(event: NoticePublished) -> tuple[ChangeView, ...]:
    """The changes that a version makes, in their order."""
    return tuple(_describe_change(one, event.version or {}) for one in event.changes)


def statements(event: NoticePublished) -> list[str]:
    """What the publisher stated of the changes, in words."""
    texts = [words for name, words in STATEMENTS.items() if getattr(event.stated, name)]
    texts += [f"{one} の事業を {other} が承継した" for one, other in event.stated.successions]
    return texts


def _describe_change(change: JudgedChange, version: Mapping[str, Json]) -> ChangeView:
    verdict = CHANGE_VERDICTS[change.code]
    name = _name(change.pointer, version)
    return ChangeView(_KINDS[change.kind], name, verdict, cited(verdict.article))


def _name(pointer: str, version: Mapping[str, Json]) -> str:
    path = pointer.removeprefix("/version/").split("/")
    if path == ["purposes"]:
        return _LEFT_OUT
    if path[0] == "responsible":
        return cast("dict[str, str]", version["responsible"])[path[1] if path[1:] else "name"]
    row = cast("list[dict[str, str]]", version[path[0]])[int(path[1])]
    return next(row[one] for one in _NAMED_BY if one in row)
