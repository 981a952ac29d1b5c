"""What the answer to a request without a search tells, and on what grounds it may not: dated data.

Source: Act Art. 21(4), 28(3), 32(2)(3), 34(2)(3); Rule 18(3), in force from 2022-04-01;
supplementary provisions of 令和2年法律第44号, Art. 4(2) (`ledger.law.transition`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ledger.law.requests import DATA_CORRECTION, MEASURES_ABROAD, PURPOSE_OF_USE

_FIRST = date(2022, 4, 1)


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """One item of information that is asked for.

    Attributes:
        since: the first day of arrival for which the row holds.
        article: empty where the law does not number it.
    """

    code: str
    kind: str
    since: date
    label: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class AnswerGround:
    """One ground on which what is asked for is not done, or not in full.

    Attributes:
        since: the first day of arrival for which the row holds.
        whole: whether nothing at all is done on it, so that there is no other ground.
    """

    code: str
    kind: str
    since: date
    label: str
    article: str
    whole: bool = False


ITEMS: tuple[AnswerItem, ...] = (
    AnswerItem("purposes", PURPOSE_OF_USE, _FIRST, "利用目的"),
    *(
        AnswerItem(code, MEASURES_ABROAD, _FIRST, label, f"規則第18条第3項第{number}号")
        for number, (code, label) in enumerate(
            (
                ("arrangement", "外国にある第三者による体制の整備の方法"),
                ("equivalent_measures", "外国にある第三者が実施する相当措置の概要"),
                ("checks", "当社が行う確認の頻度及び方法"),
                ("country", "外国の名称"),
                (
                    "foreign_systems",
                    "相当措置の実施に影響を及ぼすおそれのある外国の制度の有無及びその概要",
                ),
                ("obstacles", "相当措置の実施に関する支障の有無及びその概要"),
                ("measures_on_obstacles", "その支障に関して当社が講ずる措置の概要"),
            ),
            1,
        )
    ),
)
"""Every one of a kind is told, or withheld, in a decision that tells any."""

GROUNDS: tuple[AnswerGround, ...] = (
    AnswerGround(
        "purpose_evident",
        PURPOSE_OF_USE,
        _FIRST,
        "利用目的が、当社が公表している事項（法第32条第1項）により明らかであるため",
        "法第32条第2項第1号",
    ),
    AnswerGround(
        "harm_to_person",
        PURPOSE_OF_USE,
        _FIRST,
        "利用目的を通知すると、ご本人又は第三者の生命、身体、財産その他の権利利益を害する"
        "おそれがあるため",
        "法第32条第2項第2号、第21条第4項第1号",
    ),
    AnswerGround(
        "harm_to_operator",
        PURPOSE_OF_USE,
        _FIRST,
        "利用目的を通知すると、当社の権利又は正当な利益を害するおそれがあるため",
        "法第32条第2項第2号、第21条第4項第2号",
    ),
    AnswerGround(
        "public_duty",
        PURPOSE_OF_USE,
        _FIRST,
        "国の機関又は地方公共団体が法令の定める事務を遂行することに対して協力する必要があり、"
        "利用目的を通知するとその事務の遂行に支障を及ぼすおそれがあるため",
        "法第32条第2項第2号、第21条第4項第3号",
    ),
    AnswerGround(
        "not_held",
        PURPOSE_OF_USE,
        _FIRST,
        "ご本人が識別される保有個人データを、当社は保有していないため",
        "法第32条第2項",
        whole=True,
    ),
    AnswerGround(
        "not_shown_untrue",
        DATA_CORRECTION,
        _FIRST,
        "調査の結果、保有個人データの内容が事実でないとは認められないため",
        "法第34条第2項",
    ),
    AnswerGround(
        "beyond_purpose",
        DATA_CORRECTION,
        _FIRST,
        "利用目的の達成に必要な範囲を超える訂正等であるため",
        "法第34条第2項",
    ),
    AnswerGround(
        "other_procedure",
        DATA_CORRECTION,
        _FIRST,
        "訂正等に関して、他の法令の規定により特別の手続が定められているため",
        "法第34条第2項",
    ),
    AnswerGround(
        "not_held",
        DATA_CORRECTION,
        _FIRST,
        "ご本人が識別される保有個人データを、当社は保有していないため",
        "法第34条第1項",
        whole=True,
    ),
    AnswerGround(
        "hindrance",
        MEASURES_ABROAD,
        _FIRST,
        "情報を提供すると、当社の業務の適正な実施に著しい支障を及ぼすおそれがあるため",
        "規則第18条第3項ただし書",
    ),
    AnswerGround(
        "no_such_provision",
        MEASURES_ABROAD,
        _FIRST,
        "法第28条第1項に規定する体制を整備している外国にある第三者に、ご本人の個人データを"
        "提供していないため",
        "法第28条第3項",
        whole=True,
    ),
    AnswerGround(
        "provided_before_2022",
        MEASURES_ABROAD,
        _FIRST,
        "ご本人の個人データを外国にある第三者に提供したのが、令和4年4月1日より前のみであるため",
        "個人情報の保護に関する法律等の一部を改正する法律（令和2年法律第44号）附則第4条第2項",
        whole=True,
    ),
)


def items_of(kind: str, arrived_on: date) -> Mapping[str, AnswerItem]:
    """Code → the item, of those that a request of that kind and day asks for; in their order."""
    held = max(arrived_on, _FIRST)
    return {one.code: one for one in ITEMS if one.kind == kind and one.since <= held}


def grounds_of(kind: str, arrived_on: date) -> Mapping[str, AnswerGround]:
    """Code → the ground, of those that the law has for a request of that kind and day."""
    held = max(arrived_on, _FIRST)
    return {one.code: one for one in GROUNDS if one.kind == kind and one.since <= held}
