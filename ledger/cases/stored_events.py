"""Facts and sealed records of disclosure cases, and back: the names of their members, as stored.

A member that is None is absent. In clear stand the kind, the version of the procedure and the day
of arrival of a request, and the position of a search; everything else is sealed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from ledger.cases.events import case, measures, mistakes, reply, substitute
from ledger.cases.events.case import CaseEvent, LeftOut, PointAnswered, WithheldPart
from ledger.cases.events.intake import Application, Examination
from ledger.cases.events.name_difference import NameDiffers
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper
from ledger.values import Json, PrincipalRef


@dataclass(frozen=True, slots=True)
class _Form:
    """How a value of one kind stands in JSON, and what it was."""

    out: Callable[[Any], Json]
    back: Callable[[Any], Any]


def _same(value: Any) -> Any:  # noqa: ANN401 -- what JSON says itself
    return value


def _object(value: Mapping[str, Json]) -> Json:
    return dict(value)


_PLAIN = _Form(_same, _same)
_DAY = _Form(date.isoformat, date.fromisoformat)
_BYTES = _Form(bytes.hex, bytes.fromhex)
_UUID = _Form(str, UUID)
_OBJECT = _Form(_object, _same)


def _each(one: _Form) -> _Form:
    return _Form(
        lambda values: [one.out(value) for value in values],
        lambda values: tuple(one.back(value) for value in values),
    )


_TEXTS = _each(_PLAIN)


@dataclass(frozen=True, slots=True)
class _Members:
    """The members of a value with several, in the order of its fields."""

    cls: type
    forms: Mapping[str, _Form]

    def out(self, value: Any) -> dict[str, Json]:  # noqa: ANN401 -- one of `cls`
        stated = {name: getattr(value, name) for name in self.forms}
        return {n: self.forms[n].out(one) for n, one in stated.items() if one is not None}

    def back(self, members: Mapping[str, Json]) -> Any:  # noqa: ANN401 -- one of `cls`
        found = {n: f.back(members[n]) if n in members else None for n, f in self.forms.items()}
        return self.cls(**found)

    @property
    def form(self) -> _Form:
        """As a member of another value."""
        return _Form(self.out, self.back)


def _plain(*names: str) -> dict[str, _Form]:
    return dict.fromkeys(names, _PLAIN)


_REF = _Members(PrincipalRef, _plain("scheme", "id", "name")).form
_REFS = _each(_REF)
_NAMES_DIFFER = _each(
    _Members(NameDiffers, {"identifier": _REF, **_plain("because", "name_check")}).form
)
_LEFT_OUT = _each(_Members(LeftOut, {"identifier": _REF, **_plain("name", "because")}).form)
_PAPER = _Members(
    EnvelopePaper,
    {
        **_plain("kind", "person", "is_original"),
        **dict.fromkeys(("issued_on", "valid_until", "arrived_on"), _DAY),
        **_plain("undated", "shows_name", "shows_birth_date", "shows_current_address"),
        **_plain("address_mark", "my_number_shown", "international", "permanent_resident"),
        **_plain("by_principal", "seal_as_certified", "covers_this_request", "in_name", "day_mark"),
        **_plain("as_supplement"),
    },
)
_ADDRESSES = _Members(
    AddressJudgement,
    _plain(
        "has_registered",
        "form_is_registered",
        "identity_is_form",
        "billing_is_registered",
        "representative_is_on_papers",
        "form_is_registered_because",
        "identity_is_form_because",
    ),
)
_EXAMINATION = _Members(
    Examination,
    {
        "papers": _each(_PAPER.form),
        "addresses": _ADDRESSES.form,
        "seal_registered": _OBJECT,
        "form_missing": _TEXTS,
        **_plain("form_checked", "note", "identity_address", "registered_address"),
    },
)
_WITHHOLDING = _Members(
    WithheldPart,
    {"record": _UUID, **_plain("ground", "reason"), "items": _TEXTS, "causes": _TEXTS},
)
_MEDIUM_AGREEMENT = _Members(case.MediumAgreement, {"agreed_on": _DAY, **_plain("how")}).form
_POINTS = _each(
    _Members(
        PointAnswered,
        {
            **_plain("point", "count", "influence", "because"),
            "digest": _BYTES,
            "subjects": _TEXTS,
        },
    ).form
)
_MEASURE = _Members(
    measures.MeasureTaken,
    {**_plain("measure"), "from_day": _DAY, **_plain("what", "counterparty_party_id")},
)
_ITEM_ANSWERED = _Members(measures.ItemAnswered, _plain("item", "text"))
_SUBSTITUTE = _Members(substitute.Substitute, _plain("written", "printed", "evidence"))
_PASSWORD_POSTED = _Members(
    reply.PasswordPosted, {"dispatched_on": _DAY, **_plain("item_number")}
).form
_APPLICATION = _Members(
    Application,
    {
        **_plain("kind", "requester", "channel", "about_other_person", "representation"),
        **dict.fromkeys(("arrived_on", "postmarked_on", "birth_date"), _DAY),
        **dict.fromkeys(("first_day", "last_day"), _DAY),
        "form": _OBJECT,
        "identifiers": _REFS,
        **_plain("provided", "received", "medium", "reply_address"),
        "same_envelope_as": _UUID,
        **_plain("late_entry_reason"),
    },
)

_EVENTS: Mapping[str, _Members] = {
    cls.TYPE: _Members(cls, forms)
    for cls, forms in (
        (
            case.CaseDocumentsChecked,
            {
                "examination": _EXAMINATION.form,
                "outcome": _PLAIN,
                "reasons": _TEXTS,
                "open": _TEXTS,
            },
        ),
        (case.CaseCorrectionRequested, {"reasons": _TEXTS, "sent_on": _DAY, "due_on": _DAY}),
        (case.CaseResubmitted, {"arrived_on": _DAY, "note": _PLAIN, "form": _OBJECT}),
        (case.CaseVerified, _plain("person", "address")),
        (case.CaseRefused, {"ground": _PLAIN, "reasons": _TEXTS}),
        (
            case.CaseRecordsIdentified,
            {
                "as_of": _PLAIN,
                "identifiers": _REFS,
                "tried": _REFS,
                **_plain("evidence", "provided", "received", "not_the_person"),
                "digest": _BYTES,
                "names_differ": _NAMES_DIFFER,
                "name_checks": _TEXTS,
                "names_searched": _TEXTS,
                "left_out": _LEFT_OUT,
                "others_left_out": _PLAIN,
            },
        ),
        (
            case.CaseDecided,
            {
                **_plain("as_of", "outcome", "disclosed", "medium", "medium_reason"),
                "withheld": _each(_WITHHOLDING.form),
                "medium_agreement": _MEDIUM_AGREEMENT,
                **_plain("whole_on_paper"),
                "points": _POINTS,
            },
        ),
        (
            measures.CasePersonIdentified,
            {
                "identifiers": _REFS,
                "tried": _REFS,
                **_plain("evidence", "not_the_person"),
                "names_differ": _NAMES_DIFFER,
                "name_checks": _TEXTS,
            },
        ),
        (
            measures.CaseMeasuresDecided,
            {
                "outcome": _PLAIN,
                "measures": _each(_MEASURE.form),
                "reason": _PLAIN,
                "grounds": _TEXTS,
                "information": _each(_ITEM_ANSWERED.form),
            },
        ),
        (case.CaseSubmitted, {"content": _BYTES, "verification_code": _PLAIN}),
        (case.CaseApproved, {"content": _BYTES, **_plain("sheets")}),
        (case.CaseSentBack, _plain("reason")),
        (
            case.CaseDispatched,
            {
                "content": _BYTES,
                "dispatched_on": _DAY,
                **_plain("item_number", "sheets", "changed_since"),
                "password_letter": _PASSWORD_POSTED,
            },
        ),
        (reply.CasePasswordPosted, {"dispatched_on": _DAY, **_plain("item_number")}),
        # The pieces themselves are attached to the event (`ledger.format.event_writer`).
        (
            case.ReplyStored,
            {"content": _BYTES, **_plain("part", "parts"), "names": _TEXTS},
        ),
        (case.CaseDelivered, {"delivered_on": _DAY}),
        (case.CaseReturned, {"returned_on": _DAY, **_plain("reason", "reply")}),
        (case.CaseClosed, _plain("note")),
        (case.CaseWithdrawn, {"withdrawn_on": _DAY, "evidence": _PLAIN}),
        (
            case.CasePrincipalDeceased,
            {"learned_on": _DAY, **_plain("evidence", "closes")},
        ),
        (case.CaseReopened, _plain("reason")),
        (
            mistakes.CaseMistakeReported,
            {**_plain("what", "reason", "cause"), "replaced_by": _UUID},
        ),
        (mistakes.CaseMistakeDismissed, _plain("reason")),
        (mistakes.CaseEnteredInError, {}),
        (mistakes.CaseResumed, {}),
        (substitute.CaseSubstitutesChosen, {"substitutes": _each(_SUBSTITUTE.form)}),
    )
}
CASE_TYPES = frozenset({case.CaseReceived.TYPE, *_EVENTS})
"""Types of the events of a case."""

_IN_CLEAR = frozenset({"as_of"})
_RECEIVED_IN_CLEAR = frozenset({"kind", "arrived_on"})


def case_parts_of(event: CaseEvent) -> tuple[dict[str, Json], dict[str, Json]]:
    """(facts in clear, sealed record) of `event`."""
    if isinstance(event, case.CaseReceived):
        members, in_clear = _APPLICATION.out(event.application), _RECEIVED_IN_CLEAR
        members["procedure"] = event.procedure
        in_clear |= {"procedure"}
    else:
        members, in_clear = _EVENTS[event.TYPE].out(event), _IN_CLEAR
    return (
        {name: value for name, value in members.items() if name in in_clear},
        {name: value for name, value in members.items() if name not in in_clear},
    )


def case_event_of(
    event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]
) -> CaseEvent:
    """The event with these facts and this sealed record."""
    members = {**facts, **record}
    if event_type == case.CaseReceived.TYPE:
        procedure = cast("str", members.pop("procedure"))
        return case.CaseReceived(_APPLICATION.back(members), procedure)
    return cast("CaseEvent", _EVENTS[event_type].back(members))
