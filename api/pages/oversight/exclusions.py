"""The forms of 存否の除外, read: what was typed becomes the body that the API's door takes, too."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.pages.forms import Form
from api.problems.kind import DEFECTS_JA
from ledger.errors import Defect

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
    "GROUND_MISSING": "選んでください。",
    "CASE_UNKNOWN": "この受付番号の請求はありません。",
}


@dataclass(frozen=True, slots=True)
class ExclusionForm:
    """What was typed: the body of the API's door, and what of it could not be read."""

    body: Mapping[str, object]
    defects: Mapping[str, str]


def read(form: Form) -> ExclusionForm:
    """Read the form by which records are excluded."""
    read = _typed(form)
    ground = form.text("ground")
    return ExclusionForm(
        {"action": "exclude", **read.body, **({"ground": ground} if ground else {})}, read.defects
    )


def is_of_line(form: Form) -> bool:
    """Whether the form stands in the line of an exclusion."""
    return bool(form.text("lifted"))


def read_lift(form: Form) -> ExclusionForm:
    """Read the form of one line by which its exclusion ends; or what is typed above the list."""
    if not is_of_line(form):
        read = _typed(form)
        return ExclusionForm({"action": "lift", **read.body}, read.defects)
    spans, _ = _spans(form.text("lifted"))
    body = {"action": "lift", "positions": spans, "reason": form.text("lift_reason")}
    person = form.text("lifted_for")
    return ExclusionForm(
        {**body, **({"person": person} if person else {"for_all_persons": True})}, {}
    )


def _typed(form: Form) -> ExclusionForm:
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
        defects["identifier" if scheme else "scheme"] = "入力してください。"
    return ExclusionForm(body, defects)


def lifted(form: Form) -> list[tuple[int, int]]:
    """The positions that the form of one line is about: (first, last) of each range."""
    return [(one["first"], one["last"]) for one in _spans(form.text("lifted"))[0]]


def _spans(text: str) -> tuple[list[dict[str, int]], bool]:
    """The ranges, and whether all of the text was one."""
    folded = unicodedata.normalize("NFKC", text)
    parts = [_RANGE.fullmatch(one) for one in _PARTS.split(folded) if one]
    found = [one for one in parts if one is not None]
    spans = [{"first": int(one[1]), "last": int(one[2] or one[1])} for one in found]
    return spans, len(found) == len(parts)


def by_field(defects: Iterable[Defect], form: Form, done: str) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    reason = "lift_reason" if done == "lifted" and is_of_line(form) else "reason"
    found: dict[str, str] = {}
    for one in defects:
        name = one.pointer.split("/")[1] if "/" in one.pointer else ""
        if one.code in ("SEVERAL_PERSONS", "SAYS_FOR_WHOM_TWICE"):
            name = "for_all_persons"
        elif name == "principal":
            name = "scheme" if one.pointer.endswith("/scheme") else "identifier"
        elif name == "reason" or (not name and reason == "lift_reason"):
            name = reason
        found.setdefault(name if name in LABELS else "positions", _told(one, name, form))
    return {name: found[name] for name in LABELS if name in found}


def _told(defect: Defect, name: str, form: Form) -> str:
    if defect.code in _WORDS:
        return _WORDS[defect.code]
    if defect.code != "SCHEMA" and defect.code in DEFECTS_JA:
        return DEFECTS_JA[defect.code]
    if name in ("reason", "lift_reason"):
        is_empty = not form.text(name)
        return "入力してください。" if is_empty else "使えない文字があるか、長すぎます。"
    if name in ("scheme", "identifier"):
        return "形式が正しくありません。"
    if name == "transfers":
        return "記録の番号（36文字）の形式が正しくありません。一度に100件までです。"
    return "一度に指定できるのは100件までです。" if name == "positions" else "選んでください。"
