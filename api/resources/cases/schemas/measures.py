"""Bodies of a request that no record answers: who the person is, what is done; and one envelope."""

from typing import Annotated, Final, Literal, cast

from fastapi import Body
from pydantic import Field

from api.resources.cases.schemas.bodies import CaseBody, FormField, Identifiers, Line
from api.resources.cases.schemas.examples import MARRIED, PRINCIPAL
from api.resources.cases.schemas.measures_example import (
    ABROAD,
    ANOTHER_MEASURE,
    CORRECTED,
    NO_MEASURE,
    NOBODY,
    PURPOSES,
    SAME_PAPERS,
    STOPPED,
)
from api.resources.cases.schemas.name_difference import NamesDiffer
from api.web.bodies import Day, Model, Text, refs
from api.web.openapi import example
from ledger.cases.events.measures import CaseMeasure, ItemAnswered
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.name_differences import NamesCompared
from ledger.law.answers import GROUNDS, ITEMS
from ledger.law.requests import MEASURES, OUTCOMES

MEASURES_MAX: Final = 20
CODES_MAX: Final = 20
"""Grounds, and items of information: more than the law has of any kind."""

_MeasureCode = Literal[
    "provision_stopped", "use_stopped", "erased", "other", "corrected", "added", "deleted"
]
_OutcomeCode = Literal["taken", "taken_in_part", "other_measure", "not_taken"]
assert set(cast("tuple[str, ...]", _MeasureCode.__args__)) == {one.code for one in MEASURES}
assert set(cast("tuple[str, ...]", _OutcomeCode.__args__)) == set(OUTCOMES)
_GroundCode = Literal[
    "purpose_evident",
    "harm_to_person",
    "harm_to_operator",
    "public_duty",
    "not_held",
    "not_shown_untrue",
    "beyond_purpose",
    "other_procedure",
    "hindrance",
    "no_such_provision",
    "provided_before_2022",
]
_ItemCode = Literal[
    "purposes",
    "arrangement",
    "equivalent_measures",
    "checks",
    "country",
    "foreign_systems",
    "obstacles",
    "measures_on_obstacles",
]
assert set(cast("tuple[str, ...]", _GroundCode.__args__)) == {one.code for one in GROUNDS}
assert set(cast("tuple[str, ...]", _ItemCode.__args__)) == {one.code for one in ITEMS}


class IdentifiedPerson(CaseBody):
    """Who the person is. Whatever is recorded of them is looked at for the names in it alone.

    Each identifier of the form stands in one of the two lists. `tried` are those that were looked
    for without a result. Where nothing is found, both lists together hold two kinds at least: one
    number that meets nobody may be a wrong digit. One of `tried` that has records is somebody
    else's: `not_the_person` says how you know. Each identifier whose records, or those linked to
    it, bear another name than the form, alone or besides, stands in `names_differ` with why it is
    the person's all the same.
    """

    identifiers: Identifiers = Field(default_factory=list)
    tried: Identifiers = Field(default_factory=list)
    evidence: Text
    not_the_person: Text | None = None
    names_differ: NamesDiffer = Field(default_factory=list)

    def step(self, names: NamesCompared) -> IdentifyPerson:
        """The step that the body asks for; `names`: what comparing them came to."""
        return IdentifyPerson(
            refs(self.identifiers),
            self.evidence,
            refs(self.tried),
            self.not_the_person,
            names,
        )


class MeasureBody(Model):
    """One measure, and the day from which it is in force or on which it was done."""

    measure: _MeasureCode
    from_day: Day
    what: Annotated[Text, Field(description="for the letter: what it extends to")] | None = None
    counterparty_party_id: (
        Annotated[Line, Field(description="of a stop towards one party alone")] | None
    ) = None


class InformationItem(Model):
    """One item of the information that was asked for; without `text` it is withheld."""

    item: _ItemCode
    text: Annotated[Text, Field(description="as the letter tells it")] | None = None


class MeasuresDecision(CaseBody):
    """What is done about the request.

    `taken`: what was asked for. `taken_in_part`: some of it. `other_measure`: another one in its
    place. `not_taken`: none. All but the first need `reason`, which the letter gives.

    A request under Art. 35 has `measures`, a correction too, each with `what`; one for purposes of
    use has the one item of `information`, one for measures abroad the seven of Rule 18(3), each
    with its text, or withheld. These three know no `other_measure`, and need `grounds` where they
    need a reason: `purpose_evident` 32(2)(i); `harm_to_person`, `harm_to_operator`, `public_duty`
    32(2)(ii) with 21(4)(i) to (iii); `not_shown_untrue`, `beyond_purpose`, `other_procedure` 34(2);
    `hindrance` Rule 18(3), proviso. `not_held` (no such retained data), `no_such_provision`
    (nothing was provided under 28(3)) and `provided_before_2022` (all of it before 2022-04-01)
    stand alone, where nothing is told or done.
    """

    outcome: _OutcomeCode
    measures: Annotated[list[MeasureBody], Field(max_length=MEASURES_MAX)] = Field(
        default_factory=list
    )
    reason: Text | None = None
    grounds: Annotated[list[_GroundCode], Field(max_length=CODES_MAX)] = Field(default_factory=list)
    information: Annotated[list[InformationItem], Field(max_length=CODES_MAX)] = Field(
        default_factory=list
    )

    def step(self) -> DecideMeasures:
        """The step that the body asks for."""
        taken = tuple(
            CaseMeasure(one.measure, one.from_day, one.what, one.counterparty_party_id)
            for one in self.measures
        )
        information = tuple(ItemAnswered(one.item, one.text) for one in self.information)
        return DecideMeasures(self.outcome, taken, self.reason, tuple(self.grounds), information)


class SamePapers(CaseBody):
    """What has to be looked at anew of papers that came for another request, too.

    `covers_this_request` is about a mandate: absent while nobody has looked.
    """

    form_checked: bool
    form_missing: Annotated[list[FormField], Field(max_length=60)] = Field(default_factory=list)
    covers_this_request: bool | None = None
    note: Text | None = None


OfPerson = Annotated[
    IdentifiedPerson,
    Body(
        openapi_examples={
            "found": example("One person is found", PRINCIPAL),
            "married": example("Its records bear another name", MARRIED),
            "nobody": example("Nobody is found", NOBODY),
        }
    ),
]
OfMeasures = Annotated[
    MeasuresDecision,
    Body(
        openapi_examples={
            "taken": example("The provision is stopped", STOPPED),
            "other": example("Another measure in its place", ANOTHER_MEASURE),
            "none": example("Nothing is done", NO_MEASURE),
            "purposes": example("The purposes of use are told", PURPOSES),
            "corrected": example("Retained data is corrected in part", CORRECTED),
            "abroad": example("Six items on a recipient abroad are told", ABROAD),
        }
    ),
]
OfSamePapers = Annotated[
    SamePapers, Body(openapi_examples={"form": example("The other form is complete", SAME_PAPERS)})
]
