"""Letters to print: invented people, one letter of every kind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.cases.letters.contents import (
    Content,
    CorrectionLetter,
    Full,
    Interim,
    LetterWithholding,
    MeasureAnswer,
    MeasuresLetter,
    Medium,
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
from ledger.cases.letters.lines import ReplyLine, lines_of
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.streams.history import HistoryEntry, entry_of
from ledger.values import PrincipalRef
from tests.ledger import given

AT = datetime(2026, 11, 25, 1, 2, 11, 250_000, tzinfo=UTC)
COVERAGE = (
    "この回答は、2026年11月23日までの期間について、その時点までに送信を受けた記録に基づくものです。",
    "記録を送信する12システムのうち11システムから、全期間の送信完了の申告を受けています。",
)
SEARCH = SearchInstant(AT - timedelta(hours=2), 18_204_771, COVERAGE)
PERSON = "髙橋 﨑美"
ADDRESSEE = Addressee("100-0001", "東京都千代田区千代田1-1-1 𠮷野荘101", PERSON)
PROCEDURE = PUBLISHED[0]
ISSUER = Issuer(
    PROCEDURE.operator.name,
    PROCEDURE.operator.address,
    PROCEDURE.operator.representative,
    PROCEDURE.desk_on(AT.date()).place,
)
ASKED = RequestSummary(date(2026, 11, 24), "第三者提供記録開示申請書", medium="paper")
LOG = "ledger.example.jp/main"
SALT = "5a" * 16
REASON = "記録の一部に、第三者の権利利益を害するおそれのある事項が含まれるためです。"


def is_own(principal: PrincipalRef) -> bool:
    return principal.id == "P1"


def entry(number: int, content: dict[str, Any]) -> HistoryEntry:
    """The `number`th recorded transfer of the person."""
    stream = UUID(int=number)
    made = entry_of(given.facts([given.recorded(content)], stream, number), is_own)
    assert made is not None
    return made


def party(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {**given.PARTY, "name": name, **more}


def provided(count: int, **more: Any) -> list[HistoryEntry]:  # noqa: ANN401 -- JSON
    """Records by consent, each to another company."""
    return [
        entry(n, given.data(counterparty=party(f"第{n}青空商事株式会社"), **more))
        for n in range(1, count + 1)
    ]


def received(count: int, first: int = 100_001) -> list[HistoryEntry]:
    return [
        entry(n, given.received(counterparty=party(f"第{n}海風物産株式会社")))
        for n in range(first, first + count)
    ]


def opted_out(days: Sequence[date], first: int = 1) -> list[HistoryEntry]:
    """Records by opt-out, all to one company, one a day."""
    return [
        entry(
            n,
            given.data(
                basis="opt_out_27_2", notice_id="OO", consent=None, transferred_on=day.isoformat()
            ),
        )
        for n, day in enumerate(days, first)
    ]


def bears_code(content: Content) -> bool:
    """Whether a letter that says this answers the request."""
    return not isinstance(content, MethodChange | CorrectionLetter | ReceiptNotice | Interim)


def letter(content: Content, **more: Any) -> Letter:  # noqa: ANN401 -- members of a letter
    searched = not isinstance(
        content,
        Procedural | CorrectionLetter | ReceiptNotice | Interim | MeasuresLetter | MeasureAnswer,
    )
    made = Letter(
        at=AT,
        case_number="2026-000123",
        verification_code="7H3K-0QZX-M2P9-WV4T-8N6R",
        addressee=ADDRESSEE,
        issuer=ISSUER,
        asked=ASKED,
        search=SEARCH if searched else None,
        content=content,
        log=LOG if bears_code(content) else None,
        code_salt=SALT if bears_code(content) else None,
    )
    return replace(made, **more)


def full(entries: Sequence[HistoryEntry], medium: Medium = "paper") -> Letter:
    return letter(Full(lines_of(entries), medium))


def partial(entries: Sequence[HistoryEntry], medium: Medium = "paper") -> Letter:
    """The last record is withheld as a whole, the acquisition or party of the first in part."""
    last, first = entries[-1].transfer, entries[0].transfer
    lines: tuple[ReplyLine, ...] = lines_of(
        entries, withheld={last: None, first: frozenset({"COUNTERPARTY"})}
    )
    withheld = (
        LetterWithholding("ART33_2_II", "業務の適正な実施に著しい支障があるためです。", provided=1),
        LetterWithholding("ART33_2_I", REASON, parts=((1, "COUNTERPARTY"),)),
    )
    return letter(Partial(lines, medium, withheld))


FAULTS = (
    PaperFault("MY_NUMBER_SHOWN", "住民票（ご本人）"),
    PaperFault("SEAL_CERTIFICATE_MISSING", "印鑑登録証明書（ご本人）"),
    PaperFault("FORM_INCOMPLETE"),
)
NOT_EXIST = letter(NotExist())
OTHERS: dict[str, Letter] = {
    "NON_DISCLOSURE": letter(
        NonDisclosure((LetterWithholding("ART33_2_III", REASON, provided=2, received=1),))
    ),
    "NOT_EXIST": NOT_EXIST,
    "PROCEDURAL": letter(
        Procedural(
            PROCEDURE.ground("IDENTITY", AT.date()).label,
            PROCEDURE.ground("IDENTITY", AT.date()).article,
            FAULTS,
            papers_returned=True,
        )
    ),
    "METHOD": letter(
        MethodChange("ご指定の記録媒体を読み書きする設備がないためです。"),
        asked=replace(ASKED, medium="electronic"),
    ),
    "CORRECTION": letter(
        CorrectionLetter(
            FAULTS,
            date(2026, 12, 25),
            tuple(note.label for note in PROCEDURE.notes_on(AT.date())),
        )
    ),
    "DISCREET": letter(CorrectionLetter(FAULTS, date(2026, 12, 25), discreet=True)),
    "INTERIM": letter(Interim("簡易書留郵便(転送不要)", date(2026, 12, 24))),
    "RECEIPT": letter(
        ReceiptNotice(PROCEDURE.fee_on(AT.date()).label, PROCEDURE.reply_media_on(AT.date()).post)
    ),
}
"""Letters without records."""


def supplement(reply: Full | Partial | NonDisclosure | NotExist) -> Letter:
    return letter(
        Supplement(
            earlier_case="2026-000087",
            earlier_on=date(2026, 7, 1),
            change="開示した記録に、1件を加えます。",
            reason="先の回答の後に、ご旧姓による記録が見つかったためです。",
            reply=reply,
        )
    )
