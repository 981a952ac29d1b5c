"""Letters on requests for other things than records of provision: invented people."""

from dataclasses import replace
from datetime import date

from ledger.cases.events.measures import ItemAnswered
from ledger.cases.letters.contents import LetterMeasure, MeasureAnswer, MeasuresLetter
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.requests import FORM
from ledger.law.answers import items_of
from tests.documents import replies

STOP = replace(replies.ASKED, about="provision_stop", form=FORM, medium=None)
CEASE = replace(STOP, about="utilization_cease")
PURPOSE = replace(STOP, about="purpose_of_use")
CORRECTED = replace(STOP, about="data_correction")
ABROAD = replace(STOP, about="measures_abroad")
RETAINED = replace(STOP, about="retained_data", medium="paper")
DAY = date(2026, 11, 25)
NO_FACT = "ご請求の理由とされた事実が確認できないためです。"
HARD = "ご契約に基づく役務の提供に必要であり、消去することが困難であるためです。"

MEASURES: dict[str, Letter] = {
    "MEASURES, taken": replies.letter(
        MeasuresLetter("taken", (LetterMeasure("provision_stopped", DAY),)), asked=STOP
    ),
    "MEASURES, in part": replies.letter(
        MeasuresLetter(
            "taken_in_part",
            (LetterMeasure("provision_stopped", DAY, "青空商事株式会社への提供"),),
            "その他の提供は、法令に基づくものであるためです。",
            date(2026, 11, 20),
        ),
        asked=STOP,
    ),
    "MEASURES, another one": replies.letter(
        MeasuresLetter(
            "other_measure",
            (
                LetterMeasure("provision_stopped", DAY),
                LetterMeasure("other", DAY, "広告の配信の対象から除外しました。"),
            ),
            HARD,
        ),
        asked=CEASE,
    ),
    "MEASURES, erased": replies.letter(
        MeasuresLetter("taken", (LetterMeasure("erased", DAY, "広告配信用のお客さま情報"),)),
        asked=CEASE,
    ),
    "MEASURES, none": replies.letter(MeasuresLetter("not_taken", (), NO_FACT), asked=CEASE),
}
SEVEN = tuple(
    ItemAnswered(code, f"{item.label}の説明です。")
    for code, item in items_of("measures_abroad", DAY).items()
)
ANSWERS: dict[str, Letter] = {
    "ANSWER, purposes": replies.letter(
        MeasureAnswer("taken", information=(ItemAnswered("purposes", "商品の発送のため"),)),
        asked=PURPOSE,
    ),
    "ANSWER, some purposes": replies.letter(
        MeasureAnswer(
            "taken_in_part",
            information=(ItemAnswered("purposes", "商品の発送のため"),),
            grounds=("public_duty",),
            reason="その余は、協力の求めに係るものであるためです。",
        ),
        asked=PURPOSE,
    ),
    "ANSWER, no purpose": replies.letter(
        MeasureAnswer(
            "not_taken",
            grounds=("purpose_evident", "harm_to_operator"),
            reason="プライバシーポリシーに掲載しているためです。",
        ),
        asked=PURPOSE,
    ),
    "ANSWER, nothing held": replies.letter(
        MeasureAnswer("not_taken", grounds=("not_held",), reason="登録がないためです。"),
        asked=PURPOSE,
    ),
    "ANSWER, corrected": replies.letter(
        MeasureAnswer("taken", (LetterMeasure("corrected", DAY, "生年月日を訂正しました。"),)),
        asked=CORRECTED,
    ),
    "ANSWER, corrected in part": replies.letter(
        MeasureAnswer(
            "taken_in_part",
            (LetterMeasure("deleted", DAY, "旧住所を削除しました。"),),
            (),
            ("beyond_purpose",),
            "購入履歴の訂正は必要でないためです。",
            date(2026, 11, 20),
        ),
        asked=CORRECTED,
    ),
    "ANSWER, not corrected": replies.letter(
        MeasureAnswer("not_taken", grounds=("not_shown_untrue",), reason=NO_FACT), asked=CORRECTED
    ),
    "ANSWER, seven items": replies.letter(MeasureAnswer("taken", information=SEVEN), asked=ABROAD),
    "ANSWER, six items": replies.letter(
        MeasureAnswer(
            "taken_in_part",
            information=(ItemAnswered(SEVEN[0].item), *SEVEN[1:]),
            grounds=("hindrance",),
            reason="契約の内容が安全管理に関わるためです。",
        ),
        asked=ABROAD,
    ),
    "ANSWER, no item": replies.letter(
        MeasureAnswer("not_taken", grounds=("no_such_provision",), reason="提供がないためです。"),
        asked=ABROAD,
    ),
    "ANSWER, before 2022": replies.letter(
        MeasureAnswer(
            "not_taken",
            grounds=("provided_before_2022",),
            reason="令和3年中の提供だけであるためです。",
        ),
        asked=ABROAD,
    ),
}
ABOUT: dict[str, Letter] = {
    **{
        f"{kind}, {about}": replace(replies.OTHERS[kind], asked=asked)
        for kind in ("PROCEDURAL", "RECEIPT", "CORRECTION")
        for about, asked in (
            ("purposes", PURPOSE),
            ("a correction", CORRECTED),
            ("measures abroad", ABROAD),
        )
    },
    "PROCEDURAL, retained data": replace(replies.OTHERS["PROCEDURAL"], asked=RETAINED),
    "PROCEDURAL, a stop": replace(replies.OTHERS["PROCEDURAL"], asked=STOP),
    "RECEIPT, retained data": replace(replies.OTHERS["RECEIPT"], asked=RETAINED),
    "RECEIPT, an erasure": replace(replies.OTHERS["RECEIPT"], asked=CEASE),
    "CORRECTION, retained data": replace(replies.OTHERS["CORRECTION"], asked=RETAINED),
}
"""The letters of every kind of request, in the words of another one."""
