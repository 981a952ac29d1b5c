"""Who the person is, and which records there are: what may not be so on a search.

Source: Act Art. 33(5); the published procedure.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from ledger.cases.content import records_digest
from ledger.cases.events.case import CaseRecordsIdentified
from ledger.cases.intake import identifier_defects
from ledger.cases.measure_steps import IdentifyPerson
from ledger.cases.name_differences import name_checks, name_defects, names_differ
from ledger.cases.namesakes import is_by_name, namesake_defects
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus, IdentifyRecords
from ledger.crypto.names import folded_name
from ledger.errors import Defect, MalformedError
from ledger.law.procedure.codes import SELF
from ledger.policies.blanks import visible
from ledger.policies.deadlines import is_minor
from ledger.policies.identifiers import counts_as_kind, identifies
from ledger.policies.my_number import my_number_defects
from ledger.policies.name_comparison import NO_RECORDS, UNNAMED
from ledger.values import PrincipalRef

SCHEMES_TRIED_MIN = 2
"""Kinds of identifiers that were searched for before it may be said that nothing was found."""
_WARNED_OF = {
    UNNAMED: "NAMES_NOT_COMPARED",
    NO_RECORDS: "NO_RECORDS_UNDER_IDENTIFIER",
}
MINOR_IN_OWN_NAME = "MINOR_IN_OWN_NAME"
KANA_NOT_SEARCHED = "KANA_NOT_SEARCHED"
BIRTH_DATE_NOT_STATED = "BIRTH_DATE_NOT_STATED"
WARNINGS = (
    *_WARNED_OF.values(),
    MINOR_IN_OWN_NAME,
    KANA_NOT_SEARCHED,
    BIRTH_DATE_NOT_STATED,
)
"""What is on its way rests on an identifier whose records bear no name (氏名未照合), or on one
under which no record stands (該当記録なし): a wrong digit looks the same. Or who asks in their own
name was a minor on the day of arrival, or of no known age. Or nothing was found, and no name in
kana was searched for, or no birth date of the form is known."""
_KANA = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\uff66-\uff9f\s]+")
_FORM_TOO_SHORT = (
    "where the form gives too little to find anybody, put it down as incomplete (`documents` with"
    ' `form_missing: ["identifier"]`) and ask for a correction'
)
_UNANSWERED = frozenset(
    {
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SUBMITTED,
        CaseStatus.SENT_BACK,
        CaseStatus.NOTICE_READY,
    }
)


def identify(step: IdentifyRecords, state: State, head: int) -> CaseRecordsIdentified:
    """Return the event that says who the person is, and which records there are.

    Args:
        head: the last position of the ledger.

    Raises:
        MalformedError: `POSITION_BEYOND_HEAD`; `SEARCH_TOO_OLD`, from before the verification or
            the reopening; `RECORD_TWICE`; `RECORDS_OF_NOBODY`; `NAMES_NOT_SEARCHED`, nothing is
            found, and no name is one to search by; what `person_defects` and `namesake_defects`
            yield.
    """
    defects = [*person_defects(step, state), *_twice(step)]
    if step.as_of > head:
        detail = "no search is made beyond the end of the ledger"
        defects.append(Defect("/as_of", "POSITION_BEYOND_HEAD", detail))
    if step.as_of < state.searchable_from:
        detail = "a search is made after the verification, and after a reopening"
        defects.append(Defect("/as_of", "SEARCH_TOO_OLD", detail))
    if not step.identifiers and (step.provided or step.received):
        detail = "records are of a person: name an identifier"
        defects.append(Defect("/identifiers", "RECORDS_OF_NOBODY", detail))
    if step.searched is not None and not defects:
        # Who is left beside the person is known once the person's identifiers are.
        defects += namesake_defects(step.searched)
        if not step.searched.names and not (step.provided or step.received):
            detail = "nothing is found, and no name has a letter in it: give the person's name"
            defects.append(Defect("/former_names", "NAMES_NOT_SEARCHED", detail))
    if defects:
        raise MalformedError(tuple(defects))
    return CaseRecordsIdentified(
        step.as_of,
        step.identifiers,
        step.tried,
        step.evidence,
        len(step.provided),
        len(step.received),
        records_digest(step.provided, step.received),
        step.not_the_person,
        names_differ(step.identifiers, step.names),
        name_checks(step.names),
        None if step.searched is None else step.searched.names,
        (step.searched and step.searched.left_out) or None,
        step.searched.others if step.searched is not None and step.searched.more else None,
    )


def person_defects(step: IdentifyRecords | IdentifyPerson, state: State) -> Iterator[Defect]:
    """What may not be so on who the person is, whatever is asked for: records, or a stop.

    Yields:
        `FORM_IDENTIFIER_LEFT_OUT`, the form names one that was not searched for;
        `IDENTIFIES_NOBODY`; `TOO_FEW_TRIED`, nothing was found and not enough was searched for, and
        `KIND_UNKNOWN` of what counts as no kind; what `name_defects` yields of the names;
        `MY_NUMBER_SHOWN`.
    """
    yield from my_number_defects(step.evidence, "/evidence")
    yield from my_number_defects(step.not_the_person or "", "/not_the_person")
    yield from name_defects(step.identifiers, step.names)
    yield from _left_out(step, state)
    known = tuple(_known_variants(step, state))
    yield from identifier_defects(step.identifiers, "/identifiers", known)
    yield from identifier_defects(step.tried, "/tried", known)
    if not _has_records(step):
        yield from _too_few(step)


def named_before(state: State) -> tuple[PrincipalRef, ...]:
    """The identifiers that the form names, and those of the search that stands."""
    search = state.search or state.person
    searched = () if search is None else (*search.identifiers, *search.tried)
    return (*state.application.identifiers, *searched)


def warnings(state: State) -> tuple[str, ...]:
    """What whoever approves an answer on its way has to know: those of `WARNINGS`.

    They are told by what was left after exclusion at the step: the same of a person whose records
    are all excluded as of nobody.
    """
    found = state.search or state.person
    checks = (found and found.name_checks) or ()
    is_on_its_way = state.status in _UNANSWERED and not state.is_refusal
    if not is_on_its_way:
        return ()
    found_so = tuple(warning for check, warning in _WARNED_OF.items() if check in checks)
    if is_minor_in_own_name(state):
        found_so = (*found_so, MINOR_IN_OWN_NAME)
    return (*found_so, *_unrequested(state))


def _unrequested(state: State) -> Iterator[str]:
    """What the form may have said, and nobody used.

    The kana, where a search found nothing; the birth date there, and where somebody asks for
    themselves, who may be a minor.
    """
    search, application = state.search, state.application
    found_nothing = search is not None and not (search.provided or search.received)
    of_form = folded_name(application.form.get("name_kana", ""))
    searched = (search and search.names_searched) or ()
    is_by_kana = any(_KANA.fullmatch(one) or folded_name(one) == of_form for one in searched)
    if found_nothing and not is_by_kana:
        yield KANA_NOT_SEARCHED
    if application.birth_date is None and (found_nothing or application.requester == SELF):
        yield BIRTH_DATE_NOT_STATED


def is_sought_by_name(state: State) -> bool:
    """Whether the search that stands found something, or searched by a name, too."""
    search = state.search
    if search is None:
        return False
    return is_by_name(search) or bool(search.provided + search.received)


def is_minor_in_own_name(state: State) -> bool:
    """Whether who asks for themselves was a minor on the day of arrival, by the form's birth date.

    A minor may ask without a representative; nothing is refused for it.
    """
    application = state.application
    if application.requester != SELF or application.birth_date is None:
        return False
    return is_minor(application.birth_date, application.arrived_on)


def _known_variants(step: IdentifyRecords | IdentifyPerson, state: State) -> Iterator[PrincipalRef]:
    """Those that the case names already or a record bears, if it was searched without, too.

    What no reader sees was not refused at all times.
    """
    searched = {(one.scheme, one.id) for one in (*step.identifiers, *step.tried)}
    compared = zip(step.identifiers, step.names.checks, strict=False)
    recorded = (one for one, check in compared if check != NO_RECORDS)
    for one in (*named_before(state), *recorded):
        if (one.scheme, visible(one.id)) in searched:
            yield one


def _has_records(step: IdentifyRecords | IdentifyPerson) -> bool:
    """Whether anything is recorded of the person; where nobody looked, nothing is known to be."""
    if isinstance(step, IdentifyRecords) and (step.provided or step.received):
        return True
    return any(check != NO_RECORDS for check in step.names.checks)


def kinds_tried(searched: Iterable[PrincipalRef], known: Collection[str]) -> tuple[str, ...]:
    """The kinds of identifiers by which somebody was searched for, each once.

    A word such as なし counts as none, nor does a telephone number or a mail address that is none.
    """
    found = (one.scheme for one in searched if one.scheme in known and counts_as_kind(one))
    return tuple(dict.fromkeys(found))


def _too_few(step: IdentifyRecords | IdentifyPerson) -> Iterator[Defect]:
    searched = (*step.identifiers, *step.tried)
    if len(kinds_tried(searched, step.kinds)) >= SCHEMES_TRIED_MIN:
        return
    placed = [
        (f"{place}/{n}", one)
        for place, refs in (("/identifiers", step.identifiers), ("/tried", step.tried))
        for n, one in enumerate(refs)
    ]
    idle = [place for place, one in placed if identifies(one.id) and not counts_as_kind(one)]
    yield Defect("/tried", "TOO_FEW_TRIED", _too_few_detail(idle))
    for place, one in placed:
        if one.scheme not in step.kinds:
            detail = f"it counts as no kind; this ledger knows {', '.join(sorted(step.kinds))}"
            yield Defect(f"{place}/scheme", "KIND_UNKNOWN", detail)


def _too_few_detail(idle: Sequence[str]) -> str:
    """What to do; `idle`: places of what counts as no kind."""
    kinds = f"{SCHEMES_TRIED_MIN} kinds of identifiers"
    detail = f"nothing is found: search by {kinds} before saying so, those named included"
    if idle:
        none = "a word for nothing known, no telephone number, no mail address"
        detail += f"; counted as none ({none}): {', '.join(idle)}"
    return f"{detail}; {_FORM_TOO_SHORT}"


def _left_out(step: IdentifyRecords | IdentifyPerson, state: State) -> Iterator[Defect]:
    """Each identifier of the form that the search passed over; places are the form's."""
    searched = {(one.scheme, one.id) for one in (*step.identifiers, *step.tried)}
    for n, one in enumerate(state.application.identifiers):
        # One that says nothing was taken in before such forms were refused; nobody looks for it.
        if (one.scheme, one.id) not in searched and identifies(one.id):
            detail = "the form names it: it is the person's, or it was tried"
            yield Defect(f"/application/identifiers/{n}", "FORM_IDENTIFIER_LEFT_OUT", detail)


def _twice(step: IdentifyRecords) -> Iterator[Defect]:
    records = (*step.provided, *step.received)
    if len(set(records)) != len(records):
        yield Defect("/provided", "RECORD_TWICE", "each record stands on one side, once")
