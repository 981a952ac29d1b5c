"""Changes of an announced joint use: each verdict, its article and what it asks for (Art. 27(6)).

Art. 27(6) names what may change: the responsible party's name, address and representative (notified
without delay), the purposes and the responsible party itself (notified beforehand). Items and joint
users are not named: Art. 27(5)(iii) holds for those that were announced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """What the law says of one kind of change.

    Attributes:
        article: of the Act.
        label_ja: the verdict in a few words, for pages.
        rule, rule_ja: what the article says of it.
        remedy, remedy_ja: what is to be done.
        is_lawful: whether the change may be made.
    """

    code: str
    article: str
    label_ja: str
    rule: str
    rule_ja: str
    remedy: str
    remedy_ja: str
    is_lawful: bool = True

    @property
    def explanation(self) -> str:
        """The rule, and what is to be done."""
        return f"{self.rule} {self.remedy}"

    @property
    def explanation_ja(self) -> str:
        """The same in Japanese."""
        return f"{self.rule_ja}{self.remedy_ja}"


_MAKE_KNOWN_JA = "本人に通知し、又は本人が容易に知り得る状態に置"
_BEFOREHAND = (
    "Act 27(6): a change of the joint users' purposes, or of the responsible party, is notified to "
    "the principals or made easily knowable beforehand."
)
_BEFOREHAND_JA = (
    "法第27条第6項により、利用する者の利用目的又は管理について責任を有する者の変更は、あらかじめ、"
    f"{_MAKE_KNOWN_JA}かなければなりません。"
)
_NOT_NAMED = (
    "Act 27(5)(iii), 27(6): the items and the joint users are those that were announced; a change "
    "of them is none of those that paragraph 6 allows."
)
_NOT_NAMED_JA = (
    "個人データの項目及び共同して利用する者の範囲は、あらかじめ公表したものに限られ（法第27条第5項第3号）、"
    "その変更は同条第6項の認める変更に含まれません。"
)
_SCOPE = "27(5)(iii), 27(6)"

_TABLE = (
    ChangeVerdict(
        "NOTICE_WITHOUT_DELAY",
        "27(6)",
        "できる（遅滞なく公表）",
        "Act 27(6): after a change of the responsible party's name, address or representative, it "
        "is notified to the principals or made easily knowable without delay.",
        "法第27条第6項により、管理について責任を有する者の氏名若しくは名称、住所又は代表者の氏名に変更があったときは、"
        f"遅滞なく、{_MAKE_KNOWN_JA}かなければなりません。",
        "Publish it without delay where the principals can read it.",
        "変更の後、遅滞なく、本人が読むことのできる場所に公表してください。",
    ),
    ChangeVerdict(
        "NOTICE_BEFOREHAND",
        "27(6)",
        "できる（事前に公表）",
        _BEFOREHAND,
        _BEFOREHAND_JA,
        "Rely on it from the day it takes effect, not before.",
        "効力の生じる日の前日までは、変更前の内容で利用してください。",
    ),
    ChangeVerdict(
        "JU_CHANGE_NOT_ANNOUNCED_BEFORE",
        "27(6)",
        "できない（事前の公表なし）",
        _BEFOREHAND,
        _BEFOREHAND_JA,
        "Let it take effect on a day after the day of publication. If only the name of the "
        "responsible party, or only the wording, is another one, state that in `stated`.",
        "効力の生じる日を、公表日より後の日に改めてください。責任を有する者は同じで名称だけの変更、"
        "又は字句だけの変更であるときは、その旨を申告してください。",
        is_lawful=False,
    ),
    ChangeVerdict(
        "WITH_CONSENT",
        _SCOPE,
        "できる（本人の同意あり）",
        _NOT_NAMED,
        _NOT_NAMED_JA,
        "Keep the evidence of the consents. Leave out who did not consent.",
        "同意の証拠を保存してください。同意していない本人の個人データは、対象から除いてください。",
    ),
    ChangeVerdict(
        "JU_CHANGE_NOT_ALLOWED",
        _SCOPE,
        "できない（項目・利用者の変更）",
        _NOT_NAMED,
        _NOT_NAMED_JA,
        "Obtain the principals' consent beforehand, or announce another joint use. Where it is "
        "consented to, a joint user's business was succeeded to by one other, or only the wording "
        "is another one, state that in `stated`.",
        "あらかじめ本人の同意を得るか、別の共同利用として公表してください。同意を得ているとき、"
        "共同利用者の事業を一者が承継したとき、又は字句だけの変更であるときは、"
        "その旨を申告してください。",
        is_lawful=False,
    ),
    ChangeVerdict(
        "RENAME_ONLY",
        _SCOPE,
        "できる（名称のみの変更）",
        "Act 27(5)(iii): a joint user under another name is the same joint user.",
        "共同して利用する者の名称だけが変わるときは、範囲（法第27条第5項第3号）の変更に当たりません。",
        "Make sure that it is the same party.",
        "同じ者であることを確かめてください。",
    ),
    ChangeVerdict(
        "SUCCESSION_OF_USER",
        _SCOPE,
        "できる（事業の承継）",
        "Act 27(5)(ii)(iii): who succeeds to the business of a joint user takes that user's place.",
        "共同して利用する者の事業を承継した者は、その者に代わって利用することができます"
        "（法第27条第5項第2号、第3号）。",
        "Keep the evidence of the succession. The items stay as they are.",
        "承継を示す書面を保存してください。個人データの項目は変えないでください。",
    ),
)

CHANGE_VERDICTS: Mapping[str, ChangeVerdict] = MappingProxyType({one.code: one for one in _TABLE})
"""Code → verdict."""
