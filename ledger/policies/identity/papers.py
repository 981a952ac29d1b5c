"""Whether one paper does, by the row of its kind: which reasons speak against it, what is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.law.procedure.tables import PaperKind
from ledger.law.procedure.version import Procedure
from ledger.policies.deadlines import valid_through
from ledger.policies.identity.request import EnvelopePaper, IdentityRequest, OpenFact, Shortcoming


@dataclass(frozen=True, slots=True)
class PaperFinding:
    """What was found on one paper, or on nothing at all."""

    shortcomings: tuple[Shortcoming, ...] = ()
    open: tuple[OpenFact, ...] = ()

    @property
    def is_good(self) -> bool:
        """Nothing speaks against it and nothing is open."""
        return not self.shortcomings and not self.open


GOOD = PaperFinding()
AGE = "age"
VALIDITY = "validity"


def examine_paper(index: int, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    """Look at the paper `index` of `request`, by the kinds that hold on the day of arrival."""
    paper = request.papers[index]
    document = procedure.document(paper.kind, request.arrived_on)
    day = reference_day(paper, request, procedure)
    if document is None or _is_not_accepted(paper, document, day):
        return _finding(index, paper, ("DOCUMENT_NOT_ACCEPTED",), ())
    months = procedure.validity_on(request.arrived_on).months
    codes = (*_defects(paper, document), *_age_defects(paper, document, day, months))
    opens = (*_open_facts(paper, document), *_open_days(paper, document))
    return _finding(index, paper, codes, opens)


def reference_day(paper: EnvelopePaper, request: IdentityRequest, procedure: Procedure) -> date:
    """The day on which the paper must be in date: its arrival, or the postmark if that is read so.

    A paper that was good when it came stays good; one that came later is looked at as of its own
    arrival.
    """
    if paper.arrived_on is not None:
        return paper.arrived_on
    if procedure.readings.age_counts_to == "postmark" and request.postmarked_on is not None:
        return request.postmarked_on
    return request.arrived_on


def ran_out(index: int, request: IdentityRequest, procedure: Procedure) -> str | None:
    """What of the paper `index` ran out: `AGE`, or `VALIDITY`; None when neither did.

    A paper that is too old and no longer valid is too old: a new one is valid, too.
    """
    paper = request.papers[index]
    document = procedure.document(paper.kind, request.arrived_on)
    if document is None:
        return None
    months = procedure.validity_on(request.arrived_on).months
    day = reference_day(paper, request, procedure)
    return _ran_out(paper, _age_limit(paper, document, months), day)


def supplement(index: int, request: IdentityRequest, procedure: Procedure) -> PaperFinding:
    """Look at a supplement, whose age and day have reasons of their own."""
    paper = request.papers[index]
    found = examine_paper(index, request, procedure)
    if any(one.code == "DOCUMENT_NOT_ACCEPTED" for one in found.shortcomings):
        return found
    is_undated = paper.undated or paper.day_mark == "none"
    renamed = {"DOCUMENT_EXPIRED": "SUPPLEMENT_EXPIRED"}
    if paper.undated and paper.shows_current_address is not False:
        renamed["DOCUMENT_CONTENT_MISSING"] = "SUPPLEMENT_NOT_DATED"
    codes = [renamed.get(one.code, one.code) for one in found.shortcomings]
    codes += ["SUPPLEMENT_NOT_IN_NAME"] if paper.in_name is False else []
    codes += ["SUPPLEMENT_NOT_DATED"] if is_undated else []
    opens = [one.fact for one in found.open if not (is_undated and one.fact == "issued_on")]
    opens += ["in_name"] if paper.in_name is None else []
    opens += ["day_mark"] if paper.day_mark is None and not paper.undated else []
    return _finding(index, paper, tuple(dict.fromkeys(codes)), tuple(opens))


def best(found: list[PaperFinding]) -> PaperFinding:
    """What counts when several papers came for one purpose: further papers do no harm."""
    good = [one for one in found if one.is_good]
    undecided = [one for one in found if not one.shortcomings]
    if good or undecided:
        return (good or undecided)[0]
    return min(found, key=lambda one: len(one.shortcomings))


def _finding(
    index: int, paper: EnvelopePaper, codes: tuple[str, ...], opens: tuple[str, ...]
) -> PaperFinding:
    return PaperFinding(
        tuple(Shortcoming(code, paper.person, paper.kind, index) for code in codes),
        tuple(OpenFact(fact, index) for fact in opens),
    )


def _is_not_accepted(paper: EnvelopePaper, document: PaperKind, day: date) -> bool:
    if document.refuses_international and paper.international is True:
        return True
    # Nothing can be shown by a paper that was made after it came.
    return paper.issued_on is not None and paper.issued_on > day


def _defects(paper: EnvelopePaper, document: PaperKind) -> Iterator[str]:
    if document.form == "original" and not paper.is_original:
        yield "ORIGINAL_REQUIRED"
    if paper.my_number_shown is True:
        yield "MY_NUMBER_SHOWN"
    if any(getattr(paper, f"shows_{fact}") is False for fact in document.shows):
        yield "DOCUMENT_CONTENT_MISSING"
    mark = paper.address_mark
    if document.marks and mark is not None and mark not in document.marks:
        yield "ADDRESS_NOT_PERMANENT"
    if document.is_mandate:
        if paper.by_principal is False:
            yield "MANDATE_NOT_BY_PRINCIPAL"
        if paper.seal_as_certified is False:
            yield "MANDATE_SEAL_DIFFERS"
        if paper.covers_this_request is False:
            yield "MANDATE_OTHER_REQUEST"


def _age_limit(paper: EnvelopePaper, document: PaperKind, months: int) -> int | None:
    """How many months old the paper may be; None when only its day of expiry counts, or nothing."""
    if document.max_age_months is not None:
        return document.max_age_months
    return months if document.shows and paper.valid_until is None else None


def _age_defects(
    paper: EnvelopePaper, document: PaperKind, day: date, months: int
) -> Iterator[str]:
    limit = _age_limit(paper, document, months)
    if _ran_out(paper, limit, day) is not None:
        yield "DOCUMENT_EXPIRED"
    elif limit is not None and paper.issued_on is None and paper.undated:
        yield "DOCUMENT_CONTENT_MISSING"


def _ran_out(paper: EnvelopePaper, limit: int | None, day: date) -> str | None:
    issued = paper.issued_on
    if limit is not None and issued is not None and day > valid_through(issued, limit):
        return AGE
    return VALIDITY if paper.valid_until is not None and paper.valid_until < day else None


def _open_facts(paper: EnvelopePaper, document: PaperKind) -> Iterator[str]:
    for fact in document.shows:
        if getattr(paper, f"shows_{fact}") is None:
            yield f"shows_{fact}"
    if document.marks and paper.address_mark is None and paper.shows_current_address is not False:
        yield "address_mark"
    if (document.refuses_my_number or document.front_only) and paper.my_number_shown is None:
        yield "my_number_shown"
    if document.refuses_international and paper.international is None:
        yield "international"
    if document.is_mandate:
        for fact in ("by_principal", "covers_this_request"):
            if getattr(paper, fact) is None:
                yield fact


def _open_days(paper: EnvelopePaper, document: PaperKind) -> Iterator[str]:
    limit = _age_limit(paper, document, 1)
    if limit is not None and paper.issued_on is None and not paper.undated:
        yield "issued_on"
