"""What a principal may ask for, kind by kind, as dated data: articles, measures, clocks.

Source: Act Art. 28(3), 32(2)(3), 33(1), 33(5), 34, 35(1) to (7), 36 to 39; Rule 18(3) to (5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ledger.law.procedure.targets import DayTarget

PROVISION_RECORDS = "provision_records"
RETAINED_DATA = "retained_data"
PROVISION_STOP = "provision_stop"
UTILIZATION_CEASE = "utilization_cease"
PURPOSE_OF_USE = "purpose_of_use"
DATA_CORRECTION = "data_correction"
MEASURES_ABROAD = "measures_abroad"

# In force when the first of our laws is (`ledger.law.act`).
_FIRST = date(2022, 4, 1)
_SEARCHED = frozenset({"two_weeks_end", "interim", "hard_stop"})
_WITHOUT_DELAY = frozenset({"without_delay"})


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One kind of request as the law has it from a day on.

    Attributes:
        since: the first day of arrival for which the row holds.
        label: what is asked for; with 「のご請求」 it is the request.
        requested_by: the paragraphs of Art. 35 that it may rest on; empty for a disclosure.
        taken_by: the paragraphs under which its measure is taken, or another in its place.
        clocks: what counts from the arrival to the first answer.
        fee: whether Art. 38 allows one.
        suit: whether Art. 39 names it: two weeks before a suit.
        refused_by: what a refusal for its papers rests on, where Art. 37(1) does not name it.
    """

    kind: str
    since: date
    label: str
    requested_by: str = ""
    taken_by: str = ""
    clocks: frozenset[str] = _SEARCHED
    fee: bool = True
    suit: bool = True
    refused_by: str | None = None

    @property
    def is_for_measures(self) -> bool:
        """Whether it asks for a measure of Art. 35, and not for a disclosure."""
        return bool(self.requested_by)


REQUEST_KINDS: tuple[RequestKind, ...] = (
    RequestKind(PROVISION_RECORDS, _FIRST, "第三者提供記録の開示"),
    RequestKind(RETAINED_DATA, _FIRST, "保有個人データの開示"),
    RequestKind(
        PROVISION_STOP,
        _FIRST,
        "保有個人データの第三者への提供の停止",
        "第3項又は第5項",
        "第4項又は第6項",
        _WITHOUT_DELAY,
        fee=False,
    ),
    RequestKind(
        UTILIZATION_CEASE,
        _FIRST,
        "保有個人データの利用の停止又は消去",
        "第1項又は第5項",
        "第2項又は第6項",
        _WITHOUT_DELAY,
        fee=False,
    ),
    RequestKind(
        PURPOSE_OF_USE,
        _FIRST,
        "保有個人データの利用目的の通知",
        clocks=_WITHOUT_DELAY,
        suit=False,
    ),
    RequestKind(
        DATA_CORRECTION,
        _FIRST,
        "保有個人データの内容の訂正、追加又は削除",
        clocks=_WITHOUT_DELAY,
        fee=False,
    ),
    RequestKind(
        MEASURES_ABROAD,
        _FIRST,
        "外国にある第三者の相当措置に関する情報の提供",
        clocks=_WITHOUT_DELAY,
        fee=False,
        suit=False,
        refused_by="法28条3項",
    ),
)
KINDS = (
    PROVISION_RECORDS,
    RETAINED_DATA,
    PROVISION_STOP,
    UTILIZATION_CEASE,
    PURPOSE_OF_USE,
    DATA_CORRECTION,
    MEASURES_ABROAD,
)
FOR_MEASURES = frozenset(one.kind for one in REQUEST_KINDS if one.is_for_measures)
"""Kinds that ask for a measure of Art. 35."""
WITHOUT_SEARCH = frozenset({PURPOSE_OF_USE, DATA_CORRECTION, MEASURES_ABROAD})
"""Kinds that are decided on once who asks is verified: nobody is looked for in the ledger."""
WITHOUT_RECORDS = FOR_MEASURES | WITHOUT_SEARCH
"""Kinds whose answer holds no record of the ledger."""


@dataclass(frozen=True, slots=True)
class WithoutDelay:
    """How soon "without delay" (遅滞なく) is, where the procedure of the operator says nothing.

    Attributes:
        since: the first day of arrival for which the row holds.
        target: counted from the arrival.
    """

    since: date
    target: DayTarget
    reason: str


WITHOUT_DELAY: tuple[WithoutDelay, ...] = (
    WithoutDelay(
        _FIRST,
        DayTarget(10, "business"),
        "32(2), 34(2), 35(2)(4)(6)(7) and Rule 18(3) name no days, and the published procedure "
        "none for these requests; Q&A 9-12: by the work normally needed, without a stop that has "
        "no reason. The two weeks of 39(1) are when a suit becomes possible, not when an answer is "
        "due",
    ),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure that may be taken.

    Attributes:
        since: the first day of arrival for which the row holds.
        label: as a letter names it.
        answers: the kinds of request that ask for exactly this.
        directive: kind of the stop that the ledger keeps of it; None when there is none.
        lasts: whether it goes on from its day; else it was done on that day.
        worded: whether the letter says in words what it is.
    """

    code: str
    since: date
    label: str
    answers: frozenset[str]
    directive: str | None = None
    lasts: bool = True
    worded: bool = False

    def is_of(self, kind: str) -> bool:
        """Whether a decision on such a request may name it."""
        return kind in self.answers or (kind in FOR_MEASURES and self.answers <= FOR_MEASURES)


OTHER = "other"
"""A measure in place of what was asked for that has no name here: it is told in words."""

MEASURES: tuple[Measure, ...] = (
    Measure(
        "provision_stopped",
        _FIRST,
        "第三者への提供の停止",
        frozenset({PROVISION_STOP}),
        "provision_stopped",
    ),
    Measure("use_stopped", _FIRST, "利用の停止", frozenset({UTILIZATION_CEASE})),
    Measure("erased", _FIRST, "消去", frozenset({UTILIZATION_CEASE}), lasts=False),
    Measure(OTHER, _FIRST, "その他の措置", frozenset(), worded=True),
    # Art. 34(3): what was corrected is told with the notice.
    *(
        Measure(code, _FIRST, label, frozenset({DATA_CORRECTION}), lasts=False, worded=True)
        for code, label in (("corrected", "訂正"), ("added", "追加"), ("deleted", "削除"))
    ),
)


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """What was decided on a request for measures, in the sense of Art. 36: what was asked for.

    Attributes:
        requested: whether a measure of the kind that was asked for is taken.
        any: whether any measure is taken.
        reasoned: whether the letter has to give a reason (Art. 36; the policy promises it).
    """

    label: str
    requested: bool
    any: bool
    reasoned: bool


TAKEN = "taken"
OUTCOMES: Mapping[str, MeasureOutcome] = MappingProxyType(
    {
        TAKEN: MeasureOutcome("措置の実施", requested=True, any=True, reasoned=False),
        "taken_in_part": MeasureOutcome(
            "措置の一部の実施", requested=True, any=True, reasoned=True
        ),
        "other_measure": MeasureOutcome(
            "これに代わる措置", requested=False, any=True, reasoned=True
        ),
        "not_taken": MeasureOutcome("措置をとらない", requested=False, any=False, reasoned=True),
    }
)
"""Outcome → what it needs. Source: Act Art. 35(2)(4)(6) with their provisos, 35(7), 36."""
_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        PURPOSE_OF_USE: {
            TAKEN: "利用目的の通知",
            "taken_in_part": "利用目的の一部の通知",
            "not_taken": "利用目的を通知しない",
        },
        DATA_CORRECTION: {
            TAKEN: "訂正等の実施",
            "taken_in_part": "訂正等の一部の実施",
            "not_taken": "訂正等を行わない",
        },
        MEASURES_ABROAD: {
            TAKEN: "情報の提供",
            "taken_in_part": "情報の一部の提供",
            "not_taken": "情報を提供しない",
        },
    }
)
"""Kind → its outcomes in its own words; for none of them the law knows another measure in place."""


def outcomes_of(kind: str) -> Mapping[str, str]:
    """Outcome → label, of those that a request of that kind may have."""
    return _LABELS.get(kind) or {code: one.label for code, one in OUTCOMES.items()}


def request_kind(kind: str, arrived_on: date) -> RequestKind:
    """The row of a kind for a request that arrived on that day; the first one for earlier days."""
    rows = [one for one in REQUEST_KINDS if one.kind == kind]
    return next((one for one in reversed(rows) if one.since <= arrived_on), rows[0])


def measures_on(arrived_on: date) -> Mapping[str, Measure]:
    """Code → the measure as it holds for a request that arrived on that day."""
    found: dict[str, Measure] = {}
    for one in MEASURES:
        if one.since <= max(arrived_on, _FIRST):
            found[one.code] = one
    return found


def measures_of(kind: str, arrived_on: date) -> Mapping[str, Measure]:
    """The same, of those that a decision on such a request may name; none where it has none."""
    return {code: one for code, one in measures_on(arrived_on).items() if one.is_of(kind)}


def without_delay_on(arrived_on: date) -> WithoutDelay:
    """How soon an answer is due to a request without records that arrived on that day."""
    rows = [one for one in WITHOUT_DELAY if one.since <= max(arrived_on, _FIRST)]
    return rows[-1]
