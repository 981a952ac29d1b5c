"""Bodies of identity and form: the papers, further papers."""

from typing import Annotated, Final, Literal

from fastapi import Body
from pydantic import Field

from api.resources.cases.schemas.bodies import CaseBody, Code, FormField, Person
from api.resources.cases.schemas.examples import COMPLETED, EXAMINATION, RESUBMISSION, SPELLED
from api.resources.cases.schemas.intake import Form
from api.web.bodies import Day, Model, Text, Written
from api.web.openapi import example
from ledger.cases.events.intake import Examination
from ledger.cases.steps import CheckDocuments, Resubmit
from ledger.policies.identity import request

PAPERS_MAX: Final = 50


class PaperBody(Model):
    """One paper of the envelope; a fact that is absent has not been looked at.

    `kind` is a code of the procedure's documents (`seal_certificate`, `residence_certificate`,
    `driving_licence` …); one that the procedure does not know is not accepted, and named so.
    """

    kind: Code
    person: Person
    is_original: bool
    issued_on: Day | None = None
    valid_until: Day | None = None
    undated: bool = False
    arrived_on: Day | None = None
    shows_name: bool | None = None
    shows_birth_date: bool | None = None
    shows_current_address: bool | None = None
    address_mark: Literal["printed", "ink", "pencil"] | None = None
    my_number_shown: bool | None = None
    international: bool | None = None
    permanent_resident: bool | None = None
    by_principal: bool | None = None
    seal_as_certified: bool | None = None
    covers_this_request: bool | None = None
    in_name: bool | None = None
    day_mark: Literal["stamped", "dated", "none"] | None = None
    as_supplement: bool | None = None


class Addresses(Model):
    """What an officer decided about the three addresses; the comparison only proposes.

    `on_papers` and `registered` are the two addresses as they stand; the third is the form's.
    `billing_is_registered` and `representative_is_on_papers` are asked for when the reply goes to
    that address. Where two of them are one although the comparison proposes that they differ
    (another spelling of a building is enough), `…_because` says why: until then it is open.
    """

    has_registered: bool
    form_is_registered: bool | None = None
    identity_is_form: bool | None = None
    billing_is_registered: bool | None = None
    representative_is_on_papers: bool | None = None
    form_is_registered_because: Written | None = None
    identity_is_form_because: Written | None = None
    on_papers: Text | None = None
    registered: Text | None = None


class PapersCheck(CaseBody):
    """What an officer saw on the papers and the form; it replaces an earlier look."""

    papers: Annotated[list[PaperBody], Field(max_length=PAPERS_MAX)]
    addresses: Addresses
    seal_registered: dict[Person, bool] = Field(default_factory=dict)
    form_missing: Annotated[list[FormField], Field(max_length=60)] = Field(default_factory=list)
    form_checked: bool = False
    note: Text | None = None

    def step(self) -> CheckDocuments:
        """The step that the body asks for."""
        judged = self.addresses
        return CheckDocuments(
            Examination(
                tuple(request.EnvelopePaper(**one.model_dump()) for one in self.papers),
                request.AddressJudgement(
                    judged.has_registered,
                    judged.form_is_registered,
                    judged.identity_is_form,
                    judged.billing_is_registered,
                    judged.representative_is_on_papers,
                    judged.form_is_registered_because,
                    judged.identity_is_form_because,
                ),
                {str(person): known for person, known in self.seal_registered.items()},
                tuple(self.form_missing),
                self.form_checked,
                self.note,
                judged.on_papers,
                judged.registered,
            )
        )


class Further(CaseBody):
    """Further papers came; `form` completes or replaces what the form said."""

    arrived_on: Day
    note: Text | None = None
    form: Form | None = None

    def step(self) -> Resubmit:
        """The step that the body asks for."""
        return Resubmit(self.arrived_on, self.note, self.form)


OfPapersCheck = Annotated[
    PapersCheck,
    Body(
        openapi_examples={
            "papers": example("Two papers in order", EXAMINATION),
            "spelling": example("An address in another spelling, and why it is one", SPELLED),
        }
    ),
]
OfFurther = Annotated[
    Further,
    Body(
        openapi_examples={
            "papers": example("The missing paper", RESUBMISSION),
            "form": example("What the form lacked", COMPLETED),
        }
    ),
]
