"""What each kind of letter says, and what it cannot be without.

Source: Act Art. 28(3), 32(2)(3), 33(2)(3)(5), 34(3), 35(7), 36, 37(1); the published procedure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from ledger.cases.events.measures import ItemAnswered
from ledger.cases.letters.lines import PROVIDED, ReplyLine, Side
from ledger.cases.letters.words import ORDINALS
from ledger.law.procedure.reasons import REASONS
from ledger.law.requests import OUTCOMES

Medium = Literal["paper", "electronic"]


@dataclass(frozen=True, slots=True)
class LetterWithholding:
    """What is not disclosed on one ground, and why (Act Art. 33(2), 36).

    Attributes:
        ground: `ART33_2_I`, `ART33_2_II` or `ART33_2_III`.
        reason: as the officer wrote it for the principal.
        provided: how many records of that side are withheld as a whole.
        received: how many of the other side.
        parts: (line number, item code) of what is withheld inside a line.
        emptied: (side, item codes, how many records) of what is withheld inside records that have
            no line, for nothing of them is left; None when there are none.
    """

    ground: str
    reason: str
    provided: int = 0
    received: int = 0
    parts: tuple[tuple[int, str], ...] = ()
    emptied: tuple[tuple[Side, tuple[str, ...], int], ...] | None = None

    def __post_init__(self) -> None:
        if self.ground not in ORDINALS:
            raise ValueError("a ground of Art. 33(2)")
        if not self.reason.strip():
            raise ValueError("nothing is withheld without a reason")
        if self.provided < 0 or self.received < 0:
            raise ValueError("counts are not negative")
        if not (self.provided or self.received or self.parts or self.emptied):
            raise ValueError("a withholding withholds something")


@dataclass(frozen=True, slots=True)
class Full:
    """全部開示.

    Attributes:
        whole_on_paper: every row is printed, whatever their number; None of fewer rows, and of a
            letter from before, which left what was too long to files on a medium.
        agreed_on: day on which the person agreed to a medium that was not asked for.
    """

    KIND: ClassVar[str] = "FULL"
    lines: tuple[ReplyLine, ...]
    medium: Medium
    whole_on_paper: bool | None = None
    agreed_on: date | None = None

    def __post_init__(self) -> None:
        _check_lines(self.lines, ())


@dataclass(frozen=True, slots=True)
class Partial:
    """一部開示: the lines that are left, and what is withheld.

    Attributes:
        whole_records: how many records have no line, where one of them is told more than once, on
            several grounds. None elsewhere.
        whole_on_paper, agreed_on: as of `Full`.
    """

    KIND: ClassVar[str] = "PARTIAL"
    lines: tuple[ReplyLine, ...]
    medium: Medium
    withheld: tuple[LetterWithholding, ...]
    whole_records: int | None = None
    whole_on_paper: bool | None = None
    agreed_on: date | None = None

    def __post_init__(self) -> None:
        if not self.withheld:
            raise ValueError("a partial disclosure withholds something")
        _check_lines(self.lines, self.withheld)


@dataclass(frozen=True, slots=True)
class NonDisclosure:
    """不開示: every record is withheld as a whole; `whole_records` as of `Partial`."""

    KIND: ClassVar[str] = "NON_DISCLOSURE"
    withheld: tuple[LetterWithholding, ...]
    whole_records: int | None = None

    def __post_init__(self) -> None:
        if not self.withheld or any(one.parts for one in self.withheld):
            raise ValueError("a refusal withholds whole records")


@dataclass(frozen=True, slots=True)
class NotExist:
    """不存在: one text; it has no member that could differ."""

    KIND: ClassVar[str] = "NOT_EXIST"


Reply = Full | Partial | NonDisclosure | NotExist
"""What a search ends with."""


@dataclass(frozen=True, slots=True)
class PaperFault:
    """One thing that is wrong with the papers.

    Attributes:
        reason: code of `ledger.law.procedure.reasons`.
        paper: which paper of whom, in Japanese; empty when no paper is concerned.
        expired: of a paper that ran out: `validity`, or `age` since it was issued.
        missing: of the form, which fields were left empty; None when it is about no field.
        whose: whose paper it is, in Japanese; None in the first wording, and of no paper.
        months: how old that paper may be; None where no age counts, and in the first wording.
    """

    reason: str
    paper: str = ""
    expired: str | None = None
    missing: tuple[str, ...] | None = None
    whose: str | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError("a reason of the procedure")


@dataclass(frozen=True, slots=True)
class Procedural:
    """手続不備: what was sent does not show that the person asks.

    Attributes:
        label: the published ground, word for word.
        article: behind it, as the procedure cites it.
        papers_returned: the papers that were sent come back with the letter.
        discreet: the address is not known to be the person's: the letter only asks for a call.
    """

    KIND: ClassVar[str] = "PROCEDURAL"
    label: str
    article: str
    faults: tuple[PaperFault, ...]
    papers_returned: bool = False
    discreet: bool = False

    def __post_init__(self) -> None:
        if not self.faults:
            raise ValueError("a procedural refusal names what is wrong")


@dataclass(frozen=True, slots=True)
class MethodChange:
    """方法変更: the method asked for is difficult, so the reply is in another (Art. 33(2), (3)).

    Attributes:
        medium: the one that it is in; None for paper.
    """

    KIND: ClassVar[str] = "METHOD"
    reason: str
    medium: Medium | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("the method is not changed without a reason")


@dataclass(frozen=True, slots=True)
class CorrectionLetter:
    """補正依頼.

    Attributes:
        due_on: last day for the correction.
        notes: sentences of the procedure that help.
        discreet: the address is not known to be the person's: the letter only asks for a call.
    """

    KIND: ClassVar[str] = "CORRECTION"
    faults: tuple[PaperFault, ...]
    due_on: date
    notes: tuple[str, ...] = ()
    papers_returned: bool = False
    discreet: bool = False

    def __post_init__(self) -> None:
        if not self.faults:
            raise ValueError("a correction names what is wrong")


@dataclass(frozen=True, slots=True)
class ReceiptNotice:
    """受付通知; `fee` and `post` as the procedure publishes them; `discreet` as of a correction."""

    KIND: ClassVar[str] = "RECEIPT"
    fee: str
    post: str
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Interim:
    """中間のお知らせ: the search takes long. It tells nothing of what is found.

    Attributes:
        by: last day on which an answer is meant to go out; None where that day has passed.
        post: how the answer is sent, as the procedure publishes it.
    """

    KIND: ClassVar[str] = "INTERIM"
    post: str
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Supplement:
    """訂正・補足回答: replaces an earlier reply as a whole.

    Attributes:
        earlier_case: number of the case that was answered before; it may be this one.
        earlier_on: day of that letter.
        change: what is different now.
        reason: why.
    """

    KIND: ClassVar[str] = "SUPPLEMENT"
    earlier_case: str
    earlier_on: date
    change: str
    reason: str
    reply: Reply

    def __post_init__(self) -> None:
        if not self.change.strip() or not self.reason.strip():
            raise ValueError("a supplement says what changes and why")


@dataclass(frozen=True, slots=True)
class LetterMeasure:
    """One measure of a request to stop or to erase.

    Attributes:
        measure: code of `ledger.law.requests.MEASURES`.
        from_day: from which it is in force, or on which it was done.
        what: what it extends to, as the officer wrote it.
    """

    measure: str
    from_day: date
    what: str | None = None


@dataclass(frozen=True, slots=True)
class MeasuresLetter:
    """利用停止等・提供の停止: what was done about the request, from when, and why not (35(7), 36).

    It tells of no record and of no search: that records of provisions stay is told to everybody.

    Attributes:
        outcome: code of `ledger.law.requests.OUTCOMES`.
        replaces: day of an earlier answer of the case that this one stands in for.
    """

    KIND: ClassVar[str] = "MEASURES"
    outcome: str
    taken: tuple[LetterMeasure, ...] = ()
    reason: str | None = None
    replaces: date | None = None

    def __post_init__(self) -> None:
        outcome = OUTCOMES.get(self.outcome)
        if outcome is None:
            raise ValueError("an outcome of a request for measures")
        if bool(self.taken) != outcome.any:
            raise ValueError("the measures are those of the outcome")
        if outcome.reasoned and not (self.reason or "").strip():
            raise ValueError("what is not done is not done for a reason")


@dataclass(frozen=True, slots=True)
class MeasureAnswer:
    """利用目的の通知・訂正等・相当措置の情報: what is told or was done, and why not all of it.

    It tells of no record and of no search.

    Attributes:
        outcome: code of `ledger.law.requests.OUTCOMES`.
        taken: corrections, each with its words.
        information: items with their texts; of what is withheld the text is None.
        grounds: codes of `ledger.law.answers.GROUNDS`.
        replaces: as of `MeasuresLetter`.

    Source: Act Art. 28(3), 32(2)(3), 34(2)(3), 36; Rule 18(3) to (5).
    """

    KIND: ClassVar[str] = "ANSWER"
    outcome: str
    taken: tuple[LetterMeasure, ...] = ()
    information: tuple[ItemAnswered, ...] = ()
    grounds: tuple[str, ...] = ()
    reason: str | None = None
    replaces: date | None = None

    def __post_init__(self) -> None:
        outcome = OUTCOMES.get(self.outcome)
        if outcome is None:
            raise ValueError("an outcome of a request without a search")
        if bool(self.taken or self.information) != outcome.any:
            raise ValueError("something is told or done exactly where the outcome says so")
        if outcome.reasoned and not (self.grounds and (self.reason or "").strip()):
            raise ValueError("what is not done is not done on a ground and for a reason")


Content = (
    Reply
    | Procedural
    | MethodChange
    | CorrectionLetter
    | ReceiptNotice
    | Interim
    | Supplement
    | MeasuresLetter
    | MeasureAnswer
)


def _check_lines(lines: tuple[ReplyLine, ...], withheld: tuple[LetterWithholding, ...]) -> None:
    if not lines:
        raise ValueError("a disclosure discloses a record")
    if [line.number for line in lines] != list(range(1, len(lines) + 1)):
        raise ValueError("line numbers run from 1 without a gap")
    sides = [line.side for line in lines]
    if sides != sorted(sides, key=lambda side: side != PROVIDED):
        raise ValueError("provided records come before received ones")
    if set(_withheld_parts(lines)) != {part for one in withheld for part in one.parts}:
        raise ValueError("what the lines lack and what is told as withheld differ")


def _withheld_parts(lines: tuple[ReplyLine, ...]) -> Iterator[tuple[int, str]]:
    for line in lines:
        for item in line.items:
            if item.withheld:
                yield line.number, item.code
