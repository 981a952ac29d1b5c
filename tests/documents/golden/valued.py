"""Letters as values, one of every kind with every member that it may have: invented people.

Nothing in them comes from a procedure, a law or a case, so only what files say can change them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from ledger.cases.events.measures import ItemAnswered
from ledger.cases.letters.codes import issued
from ledger.cases.letters.contents import (
    Content,
    CorrectionLetter,
    Full,
    Interim,
    LetterMeasure,
    LetterWithholding,
    MeasureAnswer,
    MeasuresLetter,
    MethodChange,
    NonDisclosure,
    NotExist,
    PaperFault,
    Partial,
    Procedural,
    ReceiptNotice,
    Supplement,
)
from ledger.cases.letters.letter import Addressee, Issuer, Letter, RequestSummary, SearchInstant
from ledger.cases.letters.lines import LineItem, ReplyLine
from ledger.law.procedure.tables import DeskAddress
from ledger.values import Json

AT = datetime(2026, 11, 25, 1, 2, 11, 250_000, UTC)
PERSON = Addressee("100-0001", "東京都千代田区千代田1-1-1 𠮷野荘101", "渡邉\U000e0101 花子")
PARENT = Addressee("", "東京都千代田区皇居外苑1-1", "見本 守", represents=PERSON.name)
ISSUER = Issuer(
    "株式会社みほん",
    "東京都港区芝1-1-1",
    "代表取締役 見本 一郎",
    DeskAddress("105-0014", "東京都港区芝1-1-1 2階", "株式会社みほん 窓口", "desk@example.jp"),
)
ASKED = RequestSummary(date(2026, 11, 24), "第三者提供記録開示申請書", medium="electronic")
PERIOD = replace(ASKED, first_day=date(2024, 1, 1), last_day=date(2026, 3, 31))
ONE_SIDE = replace(ASKED, received=False, medium=None)
SEARCH = SearchInstant(
    AT.replace(hour=0, microsecond=0),
    18_204_771,
    (
        "この回答は、次のとおりです。",
        "記録を送信する12システムのうち11システムから申告を受けています。",
    ),
)
KINDS = {"email": "メールアドレス", "member": "会員ID"}
COMPANY: dict[str, Json] = {
    "name": "髙橋商事株式会社",
    "address": "東京都港区芝2-2-2",
    "representative": "代表取締役 見本 二郎",
}
UNKNOWN: dict[str, Json] = {"name": "=海風物産", "address": None, "representative": None}
MANY: dict[str, Json] = {"kind": "unspecified_many"}
MEMBER: dict[str, Json] = {"scheme": "member", "id": "M-0001", "name": "見本 旧子"}
EMAIL: dict[str, Json] = {"scheme": "email", "id": "hanako@example.jp"}
WRITTEN = LineItem("ITEMS", ["氏名", "ご利用履歴"])
LINES = (
    ReplyLine(
        1,
        "provided",
        "consent",
        (
            LineItem("CONSENT", value=True),
            LineItem("COUNTERPARTY", COMPANY),
            LineItem("PRINCIPAL", [MEMBER]),
            WRITTEN,
        ),
        current_name="見本 花子",
    ),
    ReplyLine(
        2,
        "provided",
        "opt_out",
        (
            LineItem("DATE", "2026-04-01"),
            LineItem("COUNTERPARTY", MANY),
            LineItem("PRINCIPAL", [MEMBER, EMAIL]),
            WRITTEN,
        ),
    ),
    ReplyLine(
        3,
        "provided",
        "unfounded",
        (
            LineItem("CONSENT", value=False),
            LineItem("COUNTERPARTY", UNKNOWN),
            LineItem("PRINCIPAL", [EMAIL]),
            WRITTEN,
        ),
    ),
    ReplyLine(
        4,
        "received",
        "opt_out",
        (
            LineItem("DATE", {"from": "2026-04-01", "to": "2026-04-30"}),
            LineItem("COUNTERPARTY", COMPANY),
            LineItem("ACQUISITION", "本人から取得\n書面による"),
            LineItem("PRINCIPAL", [EMAIL]),
            WRITTEN,
            LineItem("PUBLISHED", value=True),
        ),
    ),
    ReplyLine(
        5,
        "received",
        "referable",
        (
            LineItem("DATE", {"from": "2026-04-01", "to": None}),
            LineItem("ART31_CONSENT", value=False),
            LineItem("COUNTERPARTY", COMPANY),
            LineItem("PRINCIPAL", [EMAIL]),
            WRITTEN,
        ),
    ),
    ReplyLine(
        6,
        "received",
        "non_operator",
        (
            LineItem("ACQUISITION", None),
            LineItem("DATE", None),
            LineItem("PRINCIPAL", [EMAIL]),
            WRITTEN,
        ),
    ),
)
LEFT = (
    replace(LINES[0], items=(*LINES[0].items[:3], LineItem("ITEMS", ["氏名"], 2))),
    replace(
        LINES[3],
        number=2,
        route=None,
        items=(
            *LINES[3].items[:2],
            LineItem("ACQUISITION", None, 1),
            *LINES[3].items[3:5],
            LineItem("PUBLISHED", None, 1),
        ),
    ),
)
FIRST = LetterWithholding(
    "ART33_2_I",
    "第三者の権利利益を害するおそれがあるためです。",
    provided=1,
    parts=((1, "ITEMS"), (2, "ACQUISITION")),
    emptied=(("provided", ("CONSENT", "ITEMS"), 1),),
)
SECOND = LetterWithholding(
    "ART33_2_II", "業務に著しい支障があるためです。", parts=((2, "PUBLISHED"),)
)
THIRD = LetterWithholding(
    "ART33_2_III", "他の法令に違反することとなるためです。", provided=1_000, received=2
)
FAULTS = (
    PaperFault("MY_NUMBER_SHOWN", "住民票（ご本人）"),
    PaperFault("DOCUMENT_EXPIRED", "運転免許証（法定代理人の方）", expired="validity"),
    PaperFault("FORM_INCOMPLETE", missing=("name", "address")),
)
DUE = date(2026, 12, 25)
STOPPED = LetterMeasure("provision_stopped", date(2026, 11, 25))
PARTLY = Partial(LEFT, "paper", (FIRST, SECOND), whole_records=1)


def letter(content: Content, *, to: Addressee = PERSON, asked: RequestSummary = ASKED) -> Letter:
    searched = not isinstance(
        content,
        Procedural | CorrectionLetter | ReceiptNotice | Interim | MeasuresLetter | MeasureAnswer,
    )
    return Letter(
        at=AT,
        case_number="2026-000123",
        verification_code="7H3K-0QZX-M2P9-WV4T-8N6R",
        addressee=to,
        issuer=ISSUER,
        asked=asked,
        search=SEARCH if searched else None,
        content=content,
    )


def bound(made: Letter) -> Letter:
    """With the code that the rest of it makes, as letters have it since."""
    return issued(replace(made, log="ledger.example.jp/golden", code_salt="5a" * 16))


def about(kind: str) -> RequestSummary:
    return replace(ASKED, form="当社所定の書面", medium=None, about=kind)


def amended(reply: Full | Partial | NonDisclosure | NotExist) -> Supplement:
    return Supplement(
        "2026-000087",
        date(2026, 7, 1),
        "先の回答：不存在\nこの回答：ほかの結果",
        "ご旧姓による記録が見つかったためです。",
        reply,
    )


# In the words of today: what is told of a consent, and for reference, besides the same records.
REWORDED = (
    replace(LINES[0], consent="28(1)", reference="2026-04-01"),
    LINES[1],
    replace(LINES[2], reference={"from": "2026-04-01", "to": None}),
    *LINES[3:],
)
OF_WHOM = (
    PaperFault("SEAL_CERTIFICATE_MISSING", "印鑑登録証明書（ご本人）", whose="ご本人", months=3),
    PaperFault("MANDATE_MISSING", "委任状（ご本人）", whose="ご本人"),
    FAULTS[2],
)


WOULD_RUN: dict[str, Json] = {
    **COMPANY,
    "name": '=HYPERLINK("http://a.example";"b")',
    "address": "東京都港区芝2-2-2;=1+1,+1|@a",
    "representative": "'-1",
}
HOSTILE = (replace(LINES[0], items=(*LINES[0].items[:1], LineItem("COUNTERPARTY", WOULD_RUN))),)


def today(made: Letter) -> Letter:
    return replace(made, wording=2)


VALUED: Mapping[str, Letter] = {
    "full": replace(letter(Full(LINES, "electronic"), to=PARENT, asked=PERIOD), kinds=KINDS),
    "full-before-kinds-had-names": letter(Full(LINES[:3], "paper"), asked=ONE_SIDE),
    "partial": letter(PARTLY),
    "partial-with-a-bound-code": bound(replace(letter(PARTLY), kinds=KINDS)),
    "non-disclosure": letter(NonDisclosure((THIRD, replace(FIRST, parts=())), whole_records=1_002)),
    "not-exist": letter(NotExist()),
    "not-exist-with-a-bound-code": bound(letter(NotExist())),
    "procedural": letter(
        Procedural("本人確認ができない場合", "法37条1項・政令12条3号", FAULTS, papers_returned=True)
    ),
    "procedural-discreet": letter(
        Procedural("本人確認ができない場合", "法37条1項・政令12条3号", FAULTS, discreet=True)
    ),
    "method": letter(MethodChange("ご指定の媒体を読み書きする設備がないためです。")),
    "correction": letter(
        CorrectionLetter(FAULTS, DUE, ("原本に限ります。",), papers_returned=True)
    ),
    "correction-discreet": letter(CorrectionLetter(FAULTS, DUE, discreet=True)),
    "receipt": letter(
        ReceiptNotice("手数料はいただいておりません", "簡易書留郵便"), asked=about("retained_data")
    ),
    "receipt-discreet": letter(
        ReceiptNotice("手数料はいただいておりません", "簡易書留郵便", discreet=True)
    ),
    "measures": letter(MeasuresLetter("taken", (STOPPED,)), asked=about("provision_stop")),
    "measures-in-part": letter(
        MeasuresLetter(
            "taken_in_part",
            (replace(STOPPED, what="髙橋商事株式会社への提供"),),
            "その他の提供は、法令に基づくものであるためです。",
            date(2026, 11, 20),
        ),
        asked=about("provision_stop"),
    ),
    "measures-none": letter(
        MeasuresLetter("not_taken", (), "ご請求の理由とされた事実が確認できないためです。"),
        asked=about("utilization_cease"),
    ),
    "answer": letter(
        MeasureAnswer("taken", information=(ItemAnswered("purposes", "商品の発送のため"),)),
        asked=about("purpose_of_use"),
    ),
    "answer-in-part": letter(
        MeasureAnswer(
            "taken_in_part",
            information=(ItemAnswered("arrangement"), ItemAnswered("country", "米国")),
            grounds=("hindrance",),
            reason="契約の内容が安全管理に関わるためです。",
        ),
        asked=about("measures_abroad"),
    ),
    "answer-corrected": letter(
        MeasureAnswer(
            "taken_in_part",
            (LetterMeasure("corrected", date(2026, 11, 25), "髙橋に訂正しました。"),),
            (),
            ("not_shown_untrue", "beyond_purpose"),
            "その余は、事実でないと認められないためです。",
            date(2026, 11, 20),
        ),
        asked=about("data_correction"),
    ),
    "supplement": replace(letter(amended(PARTLY)), kinds=KINDS),
    "supplement-not-exist": letter(amended(NotExist())),
    "full-reworded": today(
        replace(
            letter(Full(REWORDED, "paper", whole_on_paper=True), asked=PERIOD),
            kinds=KINDS,
        )
    ),
    "full-agreed-on": today(letter(Full(REWORDED[:3], "electronic", agreed_on=DUE))),
    "partial-reworded": today(
        letter(Partial(LEFT, "paper", (FIRST, SECOND), 1, whole_on_paper=True, agreed_on=DUE))
    ),
    "not-exist-reworded": today(bound(letter(NotExist()))),
    "method-electronic": today(letter(MethodChange("費用が多額となるためです。", "electronic"))),
    "correction-reworded": today(letter(CorrectionLetter(OF_WHOM, DUE))),
    "interim": today(letter(Interim("簡易書留郵便", DUE))),
    "full-guarded-at-first": today(letter(Full(HOSTILE, "electronic"))),
    "full-guarded": replace(letter(Full(HOSTILE, "electronic")), wording=3),
}
