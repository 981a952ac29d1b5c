"""Letters on requests for other things than records of provision: invented people."""

from dataclasses import replace
from datetime import date

from ledger.letters.contents import Measures, Taken
from ledger.letters.letter import Letter
from ledger.letters.requests import FORM
from tests.documents import replies

STOP = replace(replies.ASKED, about="provision_stop", form=FORM, medium=None)
CEASE = replace(STOP, about="utilization_cease")
RETAINED = replace(STOP, about="retained_data", medium="paper")
DAY = date(2026, 11, 25)
NO_FACT = "ご請求の理由とされた事実が確認できないためです。"
HARD = "ご契約に基づく役務の提供に必要であり、消去することが困難であるためです。"

MEASURES: dict[str, Letter] = {
    "MEASURES, taken": replies.letter(
        Measures("taken", (Taken("provision_stopped", DAY),)), asked=STOP
    ),
    "MEASURES, in part": replies.letter(
        Measures(
            "taken_in_part",
            (Taken("provision_stopped", DAY, "青空商事株式会社への提供"),),
            "その他の提供は、法令に基づくものであるためです。",
            date(2026, 11, 20),
        ),
        asked=STOP,
    ),
    "MEASURES, another one": replies.letter(
        Measures(
            "other_measure",
            (
                Taken("provision_stopped", DAY),
                Taken("other", DAY, "広告の配信の対象から除外しました。"),
            ),
            HARD,
        ),
        asked=CEASE,
    ),
    "MEASURES, erased": replies.letter(
        Measures("taken", (Taken("erased", DAY, "広告配信用のお客さま情報"),)), asked=CEASE
    ),
    "MEASURES, none": replies.letter(Measures("not_taken", (), NO_FACT), asked=CEASE),
}
ABOUT: dict[str, Letter] = {
    "PROCEDURAL, retained data": replace(replies.OTHERS["PROCEDURAL"], asked=RETAINED),
    "PROCEDURAL, a stop": replace(replies.OTHERS["PROCEDURAL"], asked=STOP),
    "RECEIPT, retained data": replace(replies.OTHERS["RECEIPT"], asked=RETAINED),
    "RECEIPT, an erasure": replace(replies.OTHERS["RECEIPT"], asked=CEASE),
    "CORRECTION, retained data": replace(replies.OTHERS["CORRECTION"], asked=RETAINED),
}
"""The letters of every kind of request, in the words of another one."""
