"""The body that takes a request in, and the one that looks for earlier cases."""

from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import Body
from pydantic import AfterValidator, Field

from api.resources.cases.schemas.bodies import CaseBody, Identifiers, Medium, Requester
from api.resources.cases.schemas.examples import AGENTS_REQUEST, PERSONS, REQUEST
from api.resources.cases.schemas.measures_example import (
    PURPOSE_REQUEST,
    SISTER_REQUEST,
    STOP_REQUEST,
)
from api.web.bodies import Day, Text, check_name, refs
from api.web.openapi import example
from ledger.cases.case import ReceiveCase
from ledger.cases.events.intake import Application
from ledger.cases.intake import LATE_ENTRY_DAYS
from ledger.law.requests import KINDS

FORM_FIELDS_MAX: Final = 60

_FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _named(form: dict[str, str]) -> dict[str, str]:
    check_name(form.get("name", ""), "/form/name")
    return form


Form = Annotated[
    dict[_FieldName, Text],
    Field(
        min_length=1,
        max_length=FORM_FIELDS_MAX,
        description="name of a field → what stands in it, as written. Letters are addressed with"
        " `name`, `postal_code`, `address`, `billing_postal_code`, `billing_address`,"
        " `representative_name`, `representative_postal_code`, `representative_address`;"
        " `agent_address` is where nothing is sent; other names are free",
    ),
    AfterValidator(_named),
]
Representation = Literal[
    "parent_of_minor", "guardian_of_minor", "guardian_of_adult", "curator", "assistant"
]
ReplyAddress = Literal[
    "registered", "billing", "identity_document", "representative_identity_document"
]


Kind = Literal[
    "provision_records",
    "retained_data",
    "provision_stop",
    "utilization_cease",
    "purpose_of_use",
    "data_correction",
    "measures_abroad",
]
assert set(cast("tuple[str, ...]", Kind.__args__)) == set(KINDS)


class CaseRequest(CaseBody):
    """A request as it stands on the form, and how it came.

    Days are days in Japan. `medium` and `reply_address` are absent when the form states none.
    """

    kind: Annotated[
        Kind,
        Field(
            description="Act Art. 33(5), 33(1), 35(3) and (5) (stop of provision), 35(1) and (5)"
            " (stop of use, erasure), 32(2) (purposes of use), 34(1) (correction), 28(3) (measures"
            " of a recipient abroad); all but the first two ask for no records"
        ),
    ] = "provision_records"
    arrived_on: Annotated[Day, Field(description="when it reached the desk; drives the clocks")]
    requester: Requester
    form: Form
    identifiers: Identifiers = Field(default_factory=list)
    channel: Literal["post", "counter", "other"] = "post"
    postmarked_on: Day | None = None
    about_other_person: bool = False
    representation: Representation | None = None
    birth_date: Annotated[Day, Field(description="the principal's")] | None = None
    provided: bool = True
    received: bool = True
    first_day: Day | None = None
    last_day: Day | None = None
    medium: Medium | None = None
    reply_address: ReplyAddress | None = None
    same_envelope_as: (
        Annotated[
            UUID, Field(strict=False, description="the first case of the envelope: a link, no more")
        ]
        | None
    ) = None
    late_entry_reason: (
        Annotated[
            Text,
            Field(
                description=f"why it is taken in more than {LATE_ENTRY_DAYS} days after its arrival"
            ),
        ]
        | None
    ) = None

    def command(self, command: UUID, actor: str) -> ReceiveCase:
        """The command that the body asks for."""
        stated = self.model_dump(exclude={"identifiers"})
        return ReceiveCase(
            command, actor, Application(**stated, identifiers=refs(self.identifiers))
        )


class EarlierCasesQuery(CaseBody):
    """Whose earlier cases; the identifiers stand here so that none stands in an address."""

    identifiers: Annotated[Identifiers, Field(min_length=1)]


OfRequest = Annotated[
    CaseRequest,
    Body(
        openapi_examples={
            "self": example("The principal asks", REQUEST),
            "agent": example("A mandated agent asks", AGENTS_REQUEST),
            "stop": example("A stop of provision is asked for", STOP_REQUEST),
            "purposes": example("The purposes of use are asked for", PURPOSE_REQUEST),
            "sister": example("The same envelope asks for retained data", SISTER_REQUEST),
        }
    ),
]
OfEarlierCases = Annotated[
    EarlierCasesQuery,
    Body(openapi_examples={"person": example("The identifiers of the form", PERSONS)}),
]
