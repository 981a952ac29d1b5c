"""The forms of 存否の除外, as the bodies that the API takes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from api.problems.kind import DEFECTS_JA
from api.resources.transfers.access import is_case_number
from api.resources.transfers.forms.finding_view import facts
from api.web.pages.form_values import CHOOSE, EMPTY, FormBody, by_field
from api.web.pages.forms import Form
from ledger.errors import Defect
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import AccessedRange
from ledger.transfers.transfer import State
from ledger.unicode_forms import normalize

GROUNDS: Final[Mapping[str, str]] = {
    "i": "第1号　本人又は第三者の生命、身体又は財産に危害が及ぶおそれ",
    "ii": "第2号　違法又は不当な行為を助長し、又は誘発するおそれ",
    "iii": "第3号　国の安全、他国・国際機関との信頼関係又は交渉上の利益が害されるおそれ",
    "iv": "第4号　犯罪の予防、鎮圧又は捜査その他の公共の安全と秩序の維持に支障が及ぶおそれ",
}
"""Item of Order 11 → what it says, in short."""
LABELS: Final[Mapping[str, str]] = {
    "positions": "台帳の位置",
    "transfers": "記録の番号",
    "scheme": "本人の識別子の種類",
    "identifier": "本人の識別子",
    "ground": "根拠（政令第11条）",
    "reason": "理由",
    "for_all_persons": "複数の方の記録",
    "look_case": "受付番号",
    "lift_reason": "除外を解く理由",
}
"""Field of the page → what it is called there, in its order."""
KEPT: Final = (
    *("positions", "transfers", "scheme", "identifier", "ground", "reason"),
    *("for_all_persons", "look_case"),
)
"""Fields of the form that excludes which wait for who must sign in again."""
KEPT_OF_LIFT: Final = ("lifted", "lifted_for", "lift_reason")
"""The same of the form of one line."""

_PARTS: Final = re.compile(r"[\s,、，;；]+")
_RANGE: Final = re.compile(r"#?([0-9]{1,18})(?:[-~〜‐–]#?([0-9]{1,18}))?")
_UNREADABLE: Final = "位置は数字で入力してください。例：1841　1850-1852"
_WORDS: Final[Mapping[str, str]] = {
    "EXCLUSION_NAMES_NOTHING": "台帳の位置、又は記録の番号を入力してください。",
    "SEVERAL_PERSONS": "複数の方が含まれている可能性があります。本人の識別子で、どなたについてかを"
    "指定してください。全員であれば、「全ての方について」を選んでください。",
    "LIFT_OF_MANY": "記録の人数が多いため、一人の方についてだけ解くことはできません。"
    "全ての方について解いてから、引き続き除外する方を一人ずつ除外してください。",
    "SAYS_FOR_WHOM_TWICE": "本人の識別子の入力か「全ての方について」か、どちらかにしてください。",
    "GROUND_MISSING": CHOOSE,
    "CASE_UNKNOWN": "この受付番号の請求はありません。",
}


def read(form: Form) -> FormBody:
    """Read the form by which records are excluded."""
    read = _read_body(form)
    ground = form.text("ground")
    return FormBody(
        {"action": "exclude", **read.body, **({"ground": ground} if ground else {})}, read.defects
    )


def is_of_line(form: Form) -> bool:
    """Whether the form stands in the line of an exclusion."""
    return bool(form.text("lifted"))


def read_lift(form: Form) -> FormBody:
    """Read the form of one line by which its exclusion ends; or what is typed above the list."""
    if not is_of_line(form):
        read = _read_body(form)
        return FormBody({"action": "lift", **read.body}, read.defects)
    spans, _ = _spans(form.text("lifted"))
    body = {"action": "lift", "positions": spans, "reason": form.text("lift_reason")}
    person = form.text("lifted_for")
    return FormBody({**body, **({"person": person} if person else {"for_all_persons": True})}, {})


def _read_body(form: Form) -> FormBody:
    """Which records are meant, for whom, and why."""
    spans, is_read = _spans(form.text("positions"))
    defects = {} if is_read else {"positions": _UNREADABLE}
    body: dict[str, object] = {
        "positions": spans,
        "transfers": [one for one in _PARTS.split(form.text("transfers")) if one],
        "reason": form.text("reason"),
        "for_all_persons": form.has("for_all_persons"),
    }
    scheme, identifier = form.text("scheme"), form.text("identifier")
    if scheme and identifier:
        body["principal"] = {"scheme": scheme, "id": identifier}
    elif scheme or identifier:
        defects["identifier" if scheme else "scheme"] = EMPTY
    return FormBody(body, defects)


def lifted(form: Form) -> list[tuple[int, int]]:
    """The positions that the form of one line is about: (first, last) of each range."""
    return [(one["first"], one["last"]) for one in _spans(form.text("lifted"))[0]]


def _spans(text: str) -> tuple[list[dict[str, int]], bool]:
    """The ranges, and whether all of the text was one."""
    folded = normalize("NFKC", text)
    parts = [_RANGE.fullmatch(one) for one in _PARTS.split(folded) if one]
    found = [one for one in parts if one is not None]
    spans = [{"first": int(one[1]), "last": int(one[2] or one[1])} for one in found]
    return spans, len(found) == len(parts)


def describe_defects(defects: Iterable[Defect], form: Form, done: str) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    is_lift = done == "lifted" and is_of_line(form)
    places = {**_PLACES, **({"reason": "lift_reason", "": "lift_reason"} if is_lift else {})}

    def words(name: str) -> str:
        if name in ("reason", "lift_reason"):
            return "使えない文字があるか、長すぎます。" if form.text(name) else EMPTY
        return _WRONG.get(name, CHOOSE)

    return by_field(defects, LABELS, places, otherwise="positions", codes=_CODES, words=words)


_PLACES: Final[Mapping[str, str]] = {
    "SEVERAL_PERSONS": "for_all_persons",
    "SAYS_FOR_WHOM_TWICE": "for_all_persons",
    "principal": "identifier",
    "principal/scheme": "scheme",
}
_CODES: Final = {
    code: words for code, words in {**DEFECTS_JA, **_WORDS}.items() if code != "SCHEMA"
}
_WRONG: Final[Mapping[str, str]] = {
    "scheme": "形式が正しくありません。",
    "identifier": "形式が正しくありません。",
    "transfers": "記録の番号（36文字）の形式が正しくありません。一度に100件までです。",
    "positions": "一度に指定できるのは100件までです。",
}


POSITIONS_MAX: Final = 20
"""Positions of one look: everything that is shown is read by whoever asked for it."""
_TOO_WIDE: Final = f"一度に確かめられるのは{POSITIONS_MAX}件までです。"
_NO_NUMBER: Final = "受付番号は、2026-000123のように入力してください。"
FULL: Final = (
    "今日は、これ以上の記録を確かめられません。除外を登録する余地を残すためです。明日もう一度操作するか、"
    "システム運用に、大きさ（LEDGER_EXCLUSIONS_KIB）の引上げを依頼してください。除外と解除は、今もできます。"
)
"""What is said when a look would not fit beside what may still have to be excluded."""


@dataclass(frozen=True, slots=True)
class ExclusionRecordView:
    """A record as it stands.

    Attributes:
        facts: heading → (member, value), as on the page of a record; none once its content is gone.
        persons: how many it holds; 0 once its content is gone.
        is_excluded: by request, for one of its persons or for all.
        is_marked: by its emitter, as it was sent.
    """

    transfer: UUID
    position: int
    facts: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    persons: int
    is_excluded: bool
    is_marked: bool
    is_retracted: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class ExclusionAccess:
    """A look since the last daily event.

    Attributes:
        case: the number of the case that it was for; None: for none.
    """

    first: int
    last: int
    at: datetime
    is_own: bool
    reason: str
    case: str | None


def read_access_request(form: Form) -> FormBody:
    """Read what is looked at, and why: as the same form excludes it or lifts its exclusion."""
    found = read_lift(form) if is_of_line(form) else read(form)
    members = ("transfers", "positions", "reason")
    body = {name: found.body[name] for name in members if name in found.body}
    number, defects = form.text("look_case"), {**found.defects}
    if _width(body) > POSITIONS_MAX:
        defects.setdefault("positions", _TOO_WIDE)
    if number and not is_case_number(number):
        defects["look_case"] = _NO_NUMBER
    return FormBody(body, defects)


def _width(body: Mapping[str, object]) -> int:
    """How many positions a look is at."""
    spans = cast("list[dict[str, int]]", body["positions"])
    transfers = cast("list[str]", body.get("transfers", []))
    return len(transfers) + sum(max(0, one["last"] - one["first"] + 1) for one in spans)


def build_views(
    states: Mapping[UUID, State], active: ActiveExclusions
) -> list[ExclusionRecordView]:
    """The records as they are shown, in their order."""
    return [_build_view(transfer, state, active) for transfer, state in states.items()]


def _build_view(transfer: UUID, state: State, active: ActiveExclusions) -> ExclusionRecordView:
    data = None if state.record is None else state.record.data
    return ExclusionRecordView(
        transfer,
        state.first_position,
        () if data is None else facts(data),
        state.persons,
        any(one.first <= state.first_position <= one.last for one in active.excluded),
        state.entry is not None and state.entry.order_11 != 0,
        state.retracted is not None,
        data is None,
    )


def access_rows(
    accesses: Iterable[AccessedRange], numbers: Mapping[int, str], actor: str
) -> list[ExclusionAccess]:
    """The looks, newest first. `numbers`: of cases, by where they began."""
    found = [
        ExclusionAccess(
            one.first,
            one.last,
            one.act.at,
            one.act.actor == actor,
            one.act.reason,
            None if one.case is None else numbers.get(one.case),
        )
        for one in accesses
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)
