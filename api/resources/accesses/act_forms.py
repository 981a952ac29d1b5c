"""操作の記録: the form of which acts are asked for, read; and an act as a row, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.cursors import CHARACTERS
from api.resources.accesses.forms import matching, period, second
from api.resources.accesses.views import ACTOR_PATTERN, CASE_PATTERN
from api.web.pages.forms import Form
from api.web.pages.words import EVENTS
from ledger.accesses.acts import AskedActs, RecordedAct

LABELS: Final[Mapping[str, str]] = {
    "first": "操作日（から）",
    "last": "操作日（まで）",
    "kind": "操作の種類",
    "case": "受付番号",
    "actor": "操作した人",
    "cursor": "続き",
}
"""Field of the page → what it is called there."""

KINDS: Final[Mapping[str, str]] = {
    "intake": "受付・本人確認",
    "decision": "記録の特定・決定",
    "approval": "承認",
    "dispatch": "発送・完了",
    "ending": "取下げ・再開・誤りの申出",
    "record": "提供・受領の記録の訂正等",
    "person": "名寄せ・提供停止の指示・氏名の変更",
    "retention": "保全・消去",
    "register": "公表事項・手続・送信元・ログ",
}
"""Kind of act → what it is called."""

ACTS: Final[Mapping[str, str]] = {
    **EVENTS,
    "transfer-corrected": "記録の訂正",
    "transfer-reclassified": "根拠の変更・再判定",
    "transfer-retracted": "記録の撤回",
    "transfer-findings-settled": "指摘への対応",
    "identifiers-linked": "名寄せ",
    "identifiers-unlinked": "名寄せの解除",
    "principal-renamed": "氏名の変更",
    "directive-received": "本人からの提供停止等の指示",
    "directive-lifted": "提供停止等の指示の解除",
    "hold-placed": "保全",
    "hold-released": "保全の解除",
    "expiry-planned": "消去の計画",
    "records-expired": "保存期間が過ぎた記録の消去",
    "notice-published": "共同利用公表事項の公表",
    "notice-withdrawn": "共同利用公表事項の取下げ",
    "procedure-published": "開示等の手続の版の公表",
    "emitter-registered": "送信元の登録・変更",
    "log-epoch-started": "署名付きログの期の開始",
}
"""Type of an act's event → what was done."""


@dataclass(frozen=True, slots=True)
class ActFilter:
    """What the form asks for.

    Attributes:
        defects: field → what is wrong with it.
    """

    form: Form
    asked: AskedActs
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


def read(form: Form) -> ActFilter:
    """Read the form. A row's button narrows the question to its case or its person."""
    narrowed, _, to = form.text("narrow").partition("=")
    if narrowed in ("case", "actor"):
        form = Form({**form.fields, narrowed: (to,)})
    defects: dict[str, str] = {}
    since, until = period(form, defects)
    kind = form.text("kind") or None
    if kind is not None and kind not in KINDS:
        defects["kind"], kind = "選んでください。", None
    case = matching(form, "case", CASE_PATTERN, defects)
    actor = matching(form, "actor", ACTOR_PATTERN, defects)
    cursor = form.text("cursor")
    going_on = cursor if len(cursor) == CHARACTERS else None
    return ActFilter(form, AskedActs(since, until, case, actor, kind), going_on, defects)


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act.

    Attributes:
        when: to the second, in Japan.
        person: the first digits of the actor's id; the id itself is `actor`.
        case: its number; `address`: where the reader may follow it, or to its record.
    """

    when: str
    actor: str
    person: str
    what: str
    case: str | None
    address: str | None


_SHORT: Final = 8


def rows(acts: Iterable[RecordedAct], *, sees_cases: bool, sees_records: bool) -> list[ActRow]:
    """The acts as rows.

    Args:
        sees_cases: whether the reader opens cases; others have a case's evidence.
        sees_records: whether the reader opens records, those that are hidden from others too.
    """
    return [_row(one, sees_cases=sees_cases, sees_records=sees_records) for one in acts]


def _row(act: RecordedAct, *, sees_cases: bool, sees_records: bool) -> ActRow:
    number, address = None, None
    if act.case is not None:
        stream, number = act.case
        address = f"/desk/cases/{stream}" + ("" if sees_cases else "/evidence")
    elif act.transfer is not None and sees_records:
        address = f"/desk/exceptions/{act.transfer}"
    what, person = ACTS[act.type], act.actor[:_SHORT]
    return ActRow(second(act.at), act.actor, person, what, number, address)
