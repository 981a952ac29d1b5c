"""What a look at the papers amounts to, told paper by paper: how old, what is short, what is open.

The verdict is the domain's; the words and the places to jump to are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.resources.cases.forms.paper_rows import FIELD_OF, FIELDS
from api.web.pages.days import short
from ledger.cases.case import State
from ledger.cases.events.intake import Examination
from ledger.cases.papers import judged_request
from ledger.law.procedure import codes
from ledger.law.procedure.reasons import worded
from ledger.law.procedure.tables import PaperKind
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import is_minor, is_valid
from ledger.policies.identity.papers import examine_paper, ran_out, reference_day, supplement
from ledger.policies.identity.request import (
    EnvelopePaper,
    IdentityRequest,
    IdentityVerdict,
    OpenFact,
    Shortcoming,
)
from ledger.policies.identity.verdict import decide_identity

Place = tuple[str, str]
"""(where to jump to, what is to be done there)."""

_OPEN: Final[Mapping[str, Place]] = {
    "form_checked": ("#form_checked", "申請書の記載の確認"),
    "form_is_registered": ("#form_registered", "申請書と登録住所の照合"),
    "identity_is_form": ("#identity_form", "本人確認書類と申請書の住所の照合"),
    "form_is_registered_because": ("#form_registered_reason", "申請書と登録住所の判定の理由"),
    "identity_is_form_because": (
        "#identity_form_reason",
        "本人確認書類と申請書の住所の判定の理由",
    ),
    "billing_is_registered": ("#billing", "請求書等送付先の照合"),
    "representative_is_on_papers": ("#representative", "法定代理人の住所の照合"),
    "seal_registered": ("#seal_registered", "印鑑登録の有無"),
    "birth_date": ("#resubmission", "契約者の生年月日（申請書の補完）"),
    "representation": ("#resubmission", "法定代理人の資格（申請書の補完）"),
}
"""Open fact of the request → where it is put down."""
_AT_ARRIVAL: Final = "到達日"
_AT_POSTMARK: Final = "消印日"
_AT_LATER_ARRIVAL: Final = "後から届いた日"


@dataclass(frozen=True, slots=True)
class PaperJudged:
    """One paper.

    Attributes:
        row: the number of its row.
        age: how old it was on the day that counts, in words; empty when that does not count.
        level: `good`, `bad`, or `open` while something must be looked at.
        short: what is wrong, in words.
        open: what must be looked at, in words.
    """

    row: int
    label: str
    person: str
    age: str
    level: str
    short: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperVerdict:
    """The whole look.

    Attributes:
        outcome: of the domain's verdict; None while a fact is open.
        short: (what is wrong, what cures it), each once.
        principal: the age of the principal on the day of arrival, where it counts.
    """

    outcome: str | None
    papers: tuple[PaperJudged, ...]
    short: tuple[tuple[str, str], ...]
    open: tuple[Place, ...]
    principal: str


def judged(
    seen: Examination, places: Sequence[int], state: State, procedure: Procedure, today: date
) -> PaperVerdict:
    """What the look amounts to today.

    Args:
        places: for each paper, the number of its row.
    """
    request = judged_request(state, procedure, today, seen)
    verdict = decide_identity(request, procedure)
    papers = tuple(
        _paper(index, row, request, verdict, procedure) for index, row in enumerate(places)
    )
    return PaperVerdict(
        outcome=verdict.outcome,
        papers=papers,
        short=tuple(dict.fromkeys(_short(one, request, procedure) for one in verdict.shortcomings)),
        open=tuple(_locate_fact(one, places, request, procedure) for one in verdict.open),
        principal=_age_of_principal(request),
    )


def _paper(
    index: int,
    row: int,
    request: IdentityRequest,
    verdict: IdentityVerdict,
    procedure: Procedure,
) -> PaperJudged:
    paper = request.papers[index]
    document = procedure.document(paper.kind, request.arrived_on)
    is_supplement = document is not None and document.supplement
    found = (supplement if is_supplement else examine_paper)(index, request, procedure)
    short = [*found.shortcomings, *(one for one in verdict.shortcomings if one.paper == index)]
    opens = [*found.open, *(one for one in verdict.open if one.paper == index)]
    labels = dict.fromkeys(_short(one, request, procedure)[0] for one in short)
    fields = dict.fromkeys(FIELD_OF.get(one.fact, one.fact) for one in opens)
    return PaperJudged(
        row=row,
        label=paper.kind if document is None else document.label,
        person=paper.person,
        age="" if document is None else age(paper, document, request, procedure),
        level="bad" if short else "open" if opens else "good",
        short=tuple(labels),
        open=tuple(FIELDS.get(one, one) for one in fields),
    )


def age(
    paper: EnvelopePaper, document: PaperKind, request: IdentityRequest, procedure: Procedure
) -> str:
    """How old a paper is on the day that counts: 発行から2か月14日（3か月以内：適）."""
    on = reference_day(paper, request, procedure)
    named = _reference(paper, on, request)
    if paper.issued_on is not None and paper.issued_on > on:
        return f"{named}より後の発行（不適）"
    limit = document.max_age_months
    if limit is None and document.shows and paper.valid_until is None:
        limit = procedure.validity_on(request.arrived_on).months
    phrases: list[str] = []
    if limit is not None and paper.issued_on is not None:
        good = is_valid(paper.issued_on, limit, on)
        verdict = f"{limit}か月以内：適" if good else f"{limit}か月超過：不適"
        phrases.append(f"発行から{_passed(paper.issued_on, on)}（{verdict}）")
    if paper.valid_until is not None:
        verdict = "有効期限内：適" if on <= paper.valid_until else "有効期限切れ：不適"
        phrases.append(f"有効期限 {short(paper.valid_until)}（{verdict}）")
    return f"{named}（{short(on)}）時点で{'、'.join(phrases)}" if phrases else ""


def _reference(paper: EnvelopePaper, on: date, request: IdentityRequest) -> str:
    if paper.arrived_on is not None:
        return _AT_LATER_ARRIVAL
    return _AT_ARRIVAL if on == request.arrived_on else _AT_POSTMARK


def _passed(first: date, last: date) -> str:
    """Whole months and days from one day to another, as people count them."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if last.day < first.day:
        months -= 1
    year, month = divmod(first.month - 1 + months, 12)
    start = date(first.year + year, month + 1, 1)
    following = date(start.year + (start.month == 12), start.month % 12 + 1, 1)  # noqa: PLR2004 -- December
    # A month without that day ends on its last one.
    begun = start.replace(day=min(first.day, (following - start).days))
    days = (last - begun).days
    return f"{months}か月{days}日" if months else f"{days}日"


def _age_of_principal(request: IdentityRequest) -> str:
    born = request.birth_date
    if born is None or request.representation is None:
        return ""
    on = request.arrived_on
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    grown = "未成年" if is_minor(born, on) else "成年"
    return f"契約者は到達日（{short(on)}）時点で{years}歳（{grown}）です。"


def _short(one: Shortcoming, request: IdentityRequest, procedure: Procedure) -> tuple[str, str]:
    expired = None if one.paper is None else ran_out(one.paper, request, procedure)
    reason = worded(one.code, expired, request.form_missing)
    return reason.label, reason.cure


def _locate_fact(
    one: OpenFact, places: Sequence[int], request: IdentityRequest, procedure: Procedure
) -> Place:
    if one.paper is None:
        return _OPEN.get(one.fact, ("#note", one.fact))
    paper = request.papers[one.paper]
    document = procedure.document(paper.kind, request.arrived_on)
    return _at_row(one, places[one.paper], paper, document)


def _at_row(one: OpenFact, row: int, paper: EnvelopePaper, document: PaperKind | None) -> Place:
    field = FIELD_OF.get(one.fact, one.fact)
    label = paper.kind if document is None else document.label
    return f"#p{row}_{field}", f"{label}（{_PERSONS[paper.person]}）の{FIELDS.get(field, field)}"


_PERSONS: Final = {
    codes.PRINCIPAL: "本人",
    codes.AGENT: "代理人",
    codes.LEGAL_REPRESENTATIVE: "法定代理人",
}


assert set(_PERSONS) == codes.PERSONS
