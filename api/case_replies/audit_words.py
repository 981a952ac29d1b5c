"""What an audit says in words: sentences in English for the command, in Japanese for the report.

None holds personal data. Source: decision 0124.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.case_replies.answer_audit import AnswerCheck, AuditFinding, AuditKind, LostBy
from api.case_replies.letter_audit import LetterCheck
from ledger.cases.letters.words import day_text
from ledger.retention.early_ends import EarlyEnd
from ledger.retention.kept_ends import UnkeptRecord
from projections.log.event_check import LogFault

_KINDS: Final[Mapping[AuditKind, str]] = {
    AuditKind.LEFT_OUT: "本人の記録を載せていません",
    AuditKind.TWICE: "同じ記録を二度載せています",
    AuditKind.OLD_VERSION: "記録を古い版のまま載せています",
    AuditKind.NEIGHBOUR: "他人の記録を載せています",
    AuditKind.NOT_REQUESTED: "請求されていない本人の記録を載せています",
    AuditKind.EXCLUDED: "存否の除外の対象である記録を載せています",
    AuditKind.WITHHOLDING: "不開示とするかどうかが、決定と違っています",
    AuditKind.NOT_OF_CASE: "その事案の回答ではありません",
    AuditKind.COPIED: "別の回答と同じ値です",
    AuditKind.RECORDS_DIFFER: "事案の検索と異なる記録に基づいています",
    AuditKind.NO_ANSWER: "承認されていますが、内容が固定されていません",
    AuditKind.UNDECIDED: "除外された記録として載せていないものを、誰が除外したか分かりません",
    AuditKind.ONE_PERSON: "発信元が印を付けた記録を、二人による解除なしに載せています",
    AuditKind.TOO_OLD: "事案の検索ができるようになる前の位置に基づいています",
    AuditKind.STALE: "検索の前日までに記録されたものを載せていません",
    AuditKind.NO_REVIEW: "除外の確認の記録のない決定に基づいています",
    AuditKind.FORM_1: "形式1で固定され、それより前に形式2の回答があります",
    AuditKind.DIFFERS: "記録と異なる内容を載せています",
}
_LOST: Final[Mapping[LostBy, str]] = {
    LostBy.CASE: "事案が廃棄されています",
    LostBy.EXCLUSIONS: "当時の除外の記録が廃棄されています",
    LostBy.RECORDS: "記録が廃棄されています（どの記録かは証明できますが、内容は証明できません）",
    LostBy.INCLUDED: "記録が廃棄されています（その記録も他の記録も全て載せたことを証明できます）",
    LostBy.PERHAPS: "その後に記録が廃棄されており、載せたかどうかを証明できません",
    LostBy.PARTS: "記録の一部が廃棄されています",
}


@dataclass(frozen=True, slots=True)
class UnfoundLink:
    """A link that one of its identifiers does not find: what is behind it is left out of replies.

    Attributes:
        position: of the event that links.
    """

    position: int

    @property
    def text(self) -> str:
        """A sentence without personal data."""
        return (
            f"the link at position {self.position} is not found by one of its identifiers: the"
            " records behind it are left out"
        )


AuditRemark = AuditFinding | EarlyEnd | UnkeptRecord | LogFault | UnfoundLink | LetterCheck
"""Something that an audit names; `text` says it in English."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer, in English and in Japanese."""

    text: str
    japanese: str


AGREES: Final = Outcome("agree", "記録と一致")
_FORM_1: Final = Outcome(
    "agree as far as form 1 binds (not which version was told)",
    "形式1で固定された範囲で記録と一致（どの版を載せたかは固定されていません）",
)
_BEFORE: Final = Outcome(
    "are of before answers were bound: nothing says what they told",
    "内容を固定する前の回答（何を載せたかを示すものがありません）",
)
_DIFFERS: Final = Outcome("do not agree", "記録と不一致")


def outcome_of(check: AnswerCheck) -> Outcome:
    """What came of the answer."""
    if check.is_before:
        return _BEFORE
    if check.form is not None:
        return AGREES if check.form > 1 else _FORM_1
    if check.lost is not None:
        text = f"can no longer be made again: {check.lost.value}"
        return Outcome(text, f"再現できない: {_LOST[check.lost]}")
    return _DIFFERS


def japanese_of(one: AuditRemark) -> tuple[int | None, str]:
    """The position that it is about, and a sentence."""
    match one:
        case AuditFinding():
            about = "" if one.record is None else f"（位置{one.record:,}に記録されたもの）"
            return one.position, f"この位置の回答は、{_KINDS[one.kind]}{about}。"
        case EarlyEnd():
            done = f"{day_text(one.done)}（位置{one.destroyed_at:,}）"
            return one.position, f"この記録は、{day_text(one.due)}より前の{done}に廃棄されました。"
        case UnkeptRecord():
            end = f"{day_text(one.end.day)}（位置{one.end.position:,}）"
            keeper = f"位置{one.keeper:,}の保全又は事案"
            return one.position, f"この記録は、{keeper}により残すべき間の{end}に廃棄されました。"
        case UnfoundLink():
            return one.position, "この名寄せは、一方の識別子から見つかりません。"
        case LetterCheck():
            return one.position, "この位置で発送された書面は、記録と異なる内容です。"
        case LogFault():
            return one.position, "この位置のイベントは、記録されたとおりではありません。"
