"""Taking a request in: what may not be so on the form."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from ledger.cases.events.case import CaseReceived
from ledger.cases.events.intake import Application
from ledger.cases.steps import ReceiveCase
from ledger.clock import day_in_japan
from ledger.errors import Defect, MalformedError
from ledger.law.procedure import codes
from ledger.law.procedure.version import Procedure, procedure_on
from ledger.law.requests import KINDS, WITHOUT_RECORDS, request_kind
from ledger.policies.addresses.comparison import AddressProposal, compare_addresses, may_share_a_lot
from ledger.policies.blanks import INVISIBLE_CHARACTER, hidden_in
from ledger.policies.identifiers import nobody_defects
from ledger.policies.identity.request import AddressJudgement, IdentityRequest
from ledger.policies.identity.verdict import REPLY_ADDRESS_NOT_ALLOWED, decide_identity
from ledger.policies.my_number import my_number_defects
from ledger.unicode_forms import normalize
from ledger.values import PrincipalRef

PAPER = "paper"
MEDIA = (PAPER, "electronic")
CHANNELS = ("post", "counter", "other")
DATE_IN_FUTURE = "DATE_IN_FUTURE"
BILLING = "billing"
LATE_ENTRY_DAYS = 31
"""Days after its arrival up to which a request is taken in without a reason.

By then the last of the clocks that count from the arrival has run out, as the product sets them (30
days): a day further back is a slip of the pen, or a form that lay in another department.
"""

# What chooses records and how they are sent, with what it is where nobody says anything.
_OF_RECORDS: Mapping[str, object] = {
    "provided": True,
    "received": True,
    "medium": None,
    "first_day": None,
    "last_day": None,
}
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def receive(command: ReceiveCase, procedures: Sequence[Procedure], at: datetime) -> CaseReceived:
    """Return the event of the arrival; the day of arrival chooses the procedure for good.

    Raises:
        MalformedError: `DATE_IN_FUTURE` of the arrival, `DATE_TOO_EARLY`,
            `LATE_ENTRY_REASON_MISSING`, `REPLY_ADDRESS_NOT_ALLOWED`,
            `REPLY_ADDRESS_MAY_BE_AGENTS`, `MY_NUMBER_SHOWN`, and whatever else the form
            contradicts itself in.
    """
    application = command.application
    defects = tuple(_defects(application, day_in_japan(at)))
    if defects:
        raise MalformedError(defects)
    procedure = procedure_on(procedures, application.arrived_on)
    # Nothing has been looked at yet, but where the reply may go is known from the form.
    decide_identity(request_of(application), procedure)
    return CaseReceived(application, procedure.version)


def request_of(application: Application) -> IdentityRequest:
    """What the policy reads of the form, before anything was looked at."""
    return IdentityRequest(
        arrived_on=application.arrived_on,
        requester=application.requester,
        papers=(),
        addresses=AddressJudgement(has_registered=True),
        postmarked_on=application.postmarked_on,
        about_other_person=application.about_other_person,
        representation=application.representation,
        birth_date=application.birth_date,
        reply_address=application.reply_address,
    )


def future(pointer: str, day: date, today: date) -> Iterator[Defect]:
    """The defect of a day that has not come yet."""
    if day > today:
        yield Defect(pointer, DATE_IN_FUTURE, "give a day that has come")


def check_day(name: str, day: date, earliest: date, today: date) -> None:
    """Pass when a day has come, and is none before what it follows.

    Raises:
        MalformedError: `DATE_IN_FUTURE`, `DATE_TOO_EARLY`.
    """
    defects = [*future(f"/{name}", day, today)]
    if day < earliest:
        defects.append(Defect(f"/{name}", "DATE_TOO_EARLY", f"not before {earliest}"))
    if defects:
        raise MalformedError(tuple(defects))


def text_defects(name: str, text: str) -> Iterator[Defect]:
    """The defects of a text that has to say something: empty, or with an individual number."""
    yield from my_number_defects(text, f"/{name}")
    if not text.strip():
        yield Defect(f"/{name}", "SCHEMA", "say it in words")


def _defects(application: Application, today: date) -> Iterator[Defect]:
    yield from _arrival_defects(application, today)
    if application.postmarked_on is not None and application.postmarked_on > application.arrived_on:
        detail = "nothing is posted after it arrived"
        yield Defect("/postmarked_on", "POSTMARK_AFTER_ARRIVAL", detail)
    if application.birth_date is not None and application.birth_date > application.arrived_on:
        yield Defect("/birth_date", DATE_IN_FUTURE, "nobody asks before birth")
    known = (
        ("kind", application.kind, KINDS),
        ("channel", application.channel, CHANNELS),
        ("requester", application.requester, tuple(codes.REQUESTERS)),
        ("medium", application.medium, (None, *MEDIA)),
        ("representation", application.representation, (None, *codes.REPRESENTATIONS)),
    )
    for name, value, choices in known:
        if value not in choices:
            names = ", ".join(one for one in choices if one)
            yield Defect(f"/{name}", "SCHEMA", f"give one of {names}")
    is_represented = application.requester == codes.LEGAL_REPRESENTATIVE
    if is_represented != (application.representation is not None):
        detail = "a legal representative says which, and nobody else does"
        yield Defect("/representation", "REPRESENTATION_UNCLEAR", detail)
    is_without_records = application.kind in WITHOUT_RECORDS
    if not (application.provided or application.received or is_without_records):
        yield Defect("/provided", "NOTHING_ASKED", "a request asks for one side at least")
    first, last = application.first_day, application.last_day
    if first is not None and last is not None and last < first:
        yield Defect("/last_day", "DATE_RANGE_REVERSED", "the period ends before it begins")
    if is_without_records:
        for name, default in _OF_RECORDS.items():
            if getattr(application, name) != default:
                detail = "such a request asks for no records"
                yield Defect(f"/{name}", "NOT_OF_THIS_KIND", detail)
    yield from form_defects(application.form)
    yield from identifier_defects(application.identifiers, "/identifiers")
    yield from reply_defects(application)


def _arrival_defects(application: Application, today: date) -> Iterator[Defect]:
    """A wrong day moves every clock and chooses another procedure: it has bounds."""
    yield from future("/arrived_on", application.arrived_on, today)
    if application.kind in KINDS:
        first = request_kind(application.kind, application.arrived_on).since
        if application.arrived_on < first:
            detail = f"such requests are known here from {first} on"
            yield Defect("/arrived_on", "DATE_TOO_EARLY", detail)
    is_late = (today - application.arrived_on).days > LATE_ENTRY_DAYS
    reason = application.late_entry_reason
    if reason is not None:
        yield from text_defects("late_entry_reason", reason)
    elif is_late:
        detail = f"it arrived more than {LATE_ENTRY_DAYS} days ago: say why it is taken in today"
        yield Defect("/late_entry_reason", "LATE_ENTRY_REASON_MISSING", detail)


def reply_defects(application: Application) -> Iterator[Defect]:
    """The defect of a reply that would go to the agent: it goes to the principal alone.

    An address that may be the agent's is none to send to, either, nor is one in somebody's care
    (気付, 様方) at the agent's lot. An agent who lives with the principal has the principal's own
    address.

    Source: the published procedure (reply rules).
    """
    if application.requester != codes.MANDATED_AGENT or application.reply_address != BILLING:
        return
    billing, agents, own = (
        application.form.get(name, "") for name in ("billing_address", "agent_address", "address")
    )
    found = _compared(billing, agents)
    may_be_one = _may_be_one(found) or _is_in_care_at(billing, agents)
    if not may_be_one or _is_one(_compared(own, agents)):
        return
    if not _is_one(_compared(own, billing)):
        if _is_one(found):
            detail = "it is the agent's address: nothing is sent to an agent"
            yield Defect("/reply_address", REPLY_ADDRESS_NOT_ALLOWED, detail)
        else:
            yield Defect("/reply_address", "REPLY_ADDRESS_MAY_BE_AGENTS", _MAY_BE_AGENTS)


_MAY_BE_AGENTS = (
    "it may be the agent's address (the two differ in a prefecture that is left out, or in the form"
    " of a character alone, or it is in somebody's care at the agent's lot), and nothing is sent to"
    " an agent: choose another address for the reply; if it is another place, ask for both"
    " addresses in full"
)
# Words between an address and the name of somebody there, in either order.
_IN_CARE_OF = re.compile(r"気付け?|様方|[方内]\s*$|\bc/o\b", re.IGNORECASE)


def _compared(left: str, right: str) -> AddressProposal:
    """What the comparison proposes; an address that is not there is another one."""
    left, right = left.strip(), right.strip()
    if not left or not right:
        return AddressProposal.DIFFERS
    return AddressProposal.SAME if left == right else compare_addresses(left, right).proposal


def _is_in_care_at(billing: str, agents: str) -> bool:
    """Whether the post would hand it to somebody at the lot of `agents`, who may be the agent."""
    parts = _IN_CARE_OF.split(normalize("NFKC", billing))
    return len(parts) > 1 and any(may_share_a_lot(one, agents) for one in parts)


def _is_one(found: AddressProposal) -> bool:
    return found in (AddressProposal.SAME, AddressProposal.SPELLING)


def _may_be_one(found: AddressProposal) -> bool:
    return found is not AddressProposal.DIFFERS


def identifier_defects(
    identifiers: Iterable[PrincipalRef], place: str, known: Collection[PrincipalRef] = ()
) -> Iterator[Defect]:
    """The defect of each identifier by which nobody can be searched for.

    Args:
        known: those that a form or a record has so since before that was refused: nobody finds
            these records under another spelling.

    Yields:
        `IDENTIFIES_NOBODY`; `INVISIBLE_CHARACTER`, it looks like another one, and is none.
    """
    taken_in = {(one.scheme, one.id) for one in known}
    for n, one in enumerate(identifiers):
        nobody = (*nobody_defects(one, f"{place}/{n}"),)
        yield from nobody
        is_taken_in = (one.scheme, one.id) in taken_in
        if not nobody and not is_taken_in and (hidden := hidden_in(one.id)):
            detail = (
                f"it holds {hidden}, which no reader sees: give it without; if the form or a record"
                " has it so, give both"
            )
            yield Defect(f"{place}/{n}/id", INVISIBLE_CHARACTER, detail)


def form_defects(form: Mapping[str, str]) -> Iterator[Defect]:
    """The defects of what a form says."""
    if any(not _FIELD.fullmatch(name) for name in form):
        yield Defect("/form", "SCHEMA", "names of fields are lower case, digits and _")
    yield from my_number_defects(dict(form), "/form")
