"""監査ログ: the form of what is asked for, read; and a look as a row, in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast

from api.cursors import CHARACTERS
from api.resources.accesses.views import ACTOR_PATTERN, CASE_PATTERN
from api.web.pages.days import short
from api.web.pages.form_values import CHOOSE, FormValues, filled
from api.web.pages.forms import Form
from api.web.pages.words import STATES
from ledger.accesses.access import EXPORT, HISTORY
from ledger.accesses.service import AccessFilter
from ledger.clock import JAPAN
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "first": "閲覧日（から）",
    "last": "閲覧日（まで）",
    "what": "閲覧したもの",
    "case": "受付番号",
    "actor": "閲覧した人",
    "cursor": "続き",
}
"""Field of the page → what it is called there."""

WHAT: Final[Mapping[str, str]] = {
    HISTORY: "本人の記録",
    EXPORT: "記録の書き出し",
    "case_file": "請求の内容",
    "letter_preview": "発送前の書面",
    "letter": "発送した書面",
    "reply_file": "回答のファイル",
    "case_export": "請求の証跡一式",
    "transfer": "提供・受領の記録（1件）",
    "rejected_items": "隔離イベントの内容",
    "reassessments": "再判定の対象",
}
"""What was looked at → what it is called."""

REASONS: Final[Mapping[str, str]] = {
    **{status.value: f"請求の状態：{told[0]}" for status, told in STATES.items()},
    "request": "請求への対応",
    "correction": "記録の訂正・停止等",
    "inquiry": "官公庁・裁判所・相手方からの照会",
    "inspection": "記録の点検",
    "read_back": "送信元による読み返し",
    "repair": "隔離イベントの修復",
    "reassessment": "再判定",
}
"""Why a document was looked at, where a code says so; a history's reason is as it was typed."""

SPAN: Final = timedelta(days=6)
"""The page begins with the looks of the last seven days."""

_SHORT: Final = 8
_WRONG: Final = "英数字と「-」「_」「.」だけで、64字以内で入力してください。"
_ENDS: Final = ("first", "last")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the form asks for.

    Attributes:
        defects: field → what is wrong with it.
    """

    form: Form
    asked: AccessFilter
    cursor: str | None
    defects: Mapping[str, str]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The question as hidden fields, for a form that asks it again."""
        return [
            (name, text)
            for name, texts in self.form.fields.items()
            if name.partition("_")[0] in LABELS and name != "cursor"
            for text in texts[:1]
        ]


def first(today: date) -> Form:
    """The form as the page begins."""
    return filled({"first": today - SPAN, "last": today})


def read(form: Form) -> AuditFilter:
    """Read the form. A row's button narrows the question to its case or its person."""
    narrowed, _, to = form.text("narrow").partition("=")
    if narrowed in ("case", "actor"):
        form = Form({**form.fields, narrowed: (to,)})
    defects: dict[str, str] = {}
    since, until = period(form, defects)
    what = form.text("what") or None
    if what is not None and what not in WHAT:
        defects["what"] = CHOOSE
    case = matching(form, "case", CASE_PATTERN, defects)
    actor = matching(form, "actor", ACTOR_PATTERN, defects)
    cursor = form.text("cursor")
    going_on = cursor if len(cursor) == CHARACTERS else None
    return AuditFilter(form, AccessFilter(since, until, case, actor, what), going_on, defects)


def period(form: Form, defects: dict[str, str]) -> tuple[date | None, date | None]:
    """The days of the fields `first` and `last`; what is wrong with them goes into `defects`."""
    typed = FormValues(form)
    since, until = (typed.optional_day(name) for name in ("first", "last"))
    defects |= typed.defects
    if since is not None and until is not None and until < since:
        defects["last"] = "始まりの日より前です。"
    return since, until


def matching(form: Form, name: str, pattern: str, defects: dict[str, str]) -> str | None:
    """What was typed, if it fits; what is wrong with it goes into `defects`."""
    typed = form.text(name)
    if typed and not re.fullmatch(pattern, typed):
        defects[name] = _WRONG
        return None
    return typed or None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One look.

    Attributes:
        when: to the second, in Japan.
        person: the first digits of the actor's id; the id itself is `actor`.
        details: what else is told of it, in words.
        case_id: of the case, where a document of it was looked at.
        is_unknown: the case that was named is none of this ledger, or had not begun.
        is_askable: the list can be narrowed to the case: it was not typed as free text.
    """

    position: int
    when: str
    actor: str
    person: str
    what: str
    details: tuple[str, ...]
    case: str | None
    case_id: str | None
    is_unknown: bool
    is_askable: bool
    reason: str | None
    is_export: bool


def rows(told: Mapping[str, Json], kinds: Mapping[str, str]) -> list[AccessRow]:
    """The looks as rows, of what the API tells of them; `kinds`: scheme → what it is called."""
    return [_row(one, kinds) for one in cast("list[Mapping[str, Json]]", told["accesses"])]


def _row(one: Mapping[str, Json], kinds: Mapping[str, str]) -> AccessRow:
    actor, what = cast("str", one["actor"]), cast("str", one["what"])
    case = cast("str | None", one.get("case"))
    reason = cast("str | None", one.get("reason"))
    return AccessRow(
        position=cast("int", one["position"]),
        when=second(datetime.fromisoformat(cast("str", one["at"]))),
        actor=actor,
        person=actor[:_SHORT],
        what=WHAT[what],
        details=tuple(_details(one, kinds)),
        case=case,
        case_id=cast("str | None", one.get("case_id")),
        is_unknown=one.get("case_known") is False,
        is_askable=case is not None and re.fullmatch(CASE_PATTERN, case) is not None,
        reason=reason
        if what in (HISTORY, EXPORT) or reason is None
        else REASONS.get(reason, reason),
        is_export=what == EXPORT,
    )


def _made(made: Mapping[str, Json]) -> Iterator[str]:
    """What is in an export, and what was asked for."""
    yield f"記録 {made['records']:,}件"
    yield (
        "全件（除外した記録・消去した記録を含む）"
        if made["whole"]
        else "除外・消去した記録を含まない"
    )
    yield "個人を表示" if made["identified"] else "個人は仮名"
    if "first" in made or "last" in made:
        days = (short(date.fromisoformat(cast("str", made[n]))) if n in made else "" for n in _ENDS)
        yield f"期間 {'～'.join(days)}"
    for name, label in (("bases", "根拠"), ("findings", "指摘")):
        if name in made:
            yield f"{label} {'・'.join(cast('list[str]', made[name]))}"
    if "source" in made:
        yield f"送信元 {made['source']}"
    if made["by_counterparty"]:
        yield "相手方を指定"


def second(at: datetime) -> str:
    """To the second, in Japan."""
    there = at.astimezone(JAPAN)
    return f"{short(there.date())} {there:%H:%M:%S}"


def _details(one: Mapping[str, Json], kinds: Mapping[str, str]) -> list[str]:
    told: list[str] = []
    if "export" in one:
        told.append(f"書き出し {one['export']}（台帳の位置 #{one['as_of']} 時点）")
    if "made" in one:
        told.extend(_made(cast("Mapping[str, Json]", one["made"])))
    if "entries" in one:
        told.append(f"表示した記録 {one['entries']:,}件（台帳の位置 #{one['as_of']} 時点）")
    if "identifiers" in one:
        asked = cast("Mapping[str, Json]", one["identifiers"])
        names = "・".join(kinds.get(n, n) for n in cast("list[str]", asked["schemes"]))
        told.append(f"識別子 {asked['count']}件" + (f"（{names}）" if names else ""))
    if "number" in one:
        told.append(f"{one['number']}通目の回答")
    if "document" in one:
        told.append(f"ファイル {one['document']}")
    if "transfer" in one:
        told.append(f"記録 {one['transfer']}")
    return told
