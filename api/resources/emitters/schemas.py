"""What the end points of emitters read and say."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Body, Path
from pydantic import AfterValidator, Field

from api.auth import is_prefix
from api.web.bodies import POSITION_MAX, Day, Model, Visible, WithoutMyNumber
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter, State
from ledger.emitters.events import Registration
from ledger.service import CommandReceipt
from ledger.values import Json

COUNTS_SHOWN_MAX: Final = 100
"""Of the counts that an emitter declared, the newest ones."""
SINCE_MIN: Final = date(1990, 1, 1)
"""Long before the Act: an earlier day is a slip."""

REGISTRATION: Final[dict[str, Json]] = {
    "source": "https://platform.example.jp/ad-export",
    "name": "広告配信基盤",
    "since": "2026-01-01",
}
RETIRED: Final[dict[str, Json]] = {**REGISTRATION, "until": "2026-11-30"}
DECLARATION: Final[dict[str, Json]] = {
    "from": "2026-11-01",
    "to": "2026-11-23",
    "expected_count": 12_345,
}
TAKEN_BACK: Final[dict[str, Json]] = {"from": "2026-11-20", "to": "2026-11-20", "complete": False}
CURRENT_EXAMPLE: Final[dict[str, Json]] = {"emitter": "ads", "position": 2_110}
_COVERED: Final[list[Json]] = [{"from": "2026-01-01", "to": "2026-11-23"}]
EMITTERS_EXAMPLE: Final[dict[str, Json]] = {
    "emitters": [
        {
            "emitter": "ads",
            **REGISTRATION,
            "until": None,
            "position": 2_110,
            "covered": _COVERED,
            "counts": [DECLARATION],
        }
    ]
}
_STRING: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_DAY_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
PERIOD: Final[Schema] = closed({"from": _DAY, "to": _DAY})
PERIODS: Final[Schema] = {"type": "array", "items": PERIOD}

CURRENT: Final[Schema] = closed(
    {
        "emitter": _STRING,
        "position": {**_POSITION, "description": "where it stands, also of what stood already"},
    }
)
EMITTERS: Final[Schema] = closed(
    {
        "emitters": {
            "type": "array",
            "items": closed(
                {
                    "emitter": _STRING,
                    "source": _STRING,
                    "name": _STRING,
                    "since": _DAY,
                    "until": _DAY_OR_NULL,
                    "position": {**_POSITION, "description": "of its newest event"},
                    "covered": {**PERIODS, "description": "days declared complete"},
                    "counts": {
                        "type": "array",
                        "items": closed({"from": _DAY, "to": _DAY, "expected_count": _COUNT}),
                        "description": "counts as declared, the newest days first; "
                        f"at most {COUNTS_SHOWN_MAX}; none for who is neither the emitter nor may "
                        "mark records under Order 11",
                    },
                }
            ),
        }
    }
)


def _source(given: str) -> str:
    if not is_prefix(given):
        raise ValueError("give printable ASCII without blanks, more than a scheme")
    return given


def _since(given: date) -> date:
    if given < SINCE_MIN:
        raise ValueError(f"give {SINCE_MIN} or a later day")
    return given


class EmitterBody(Model):
    """An emitter as the operator describes it."""

    source: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_source)]
    name: Annotated[str, Field(min_length=1, max_length=100), Visible, WithoutMyNumber]
    since: Annotated[Day, AfterValidator(_since)]
    until: Day | None = None

    def command(self, command: UUID, actor: str, emitter: str) -> RegisterEmitter:
        """The command that the body asks for."""
        registration = Registration(emitter, self.source, self.name, self.since, self.until)
        return RegisterEmitter(command, actor, registration)


class DeclarationBody(Model):
    """Days that are declared complete, or taken back."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    complete: bool = True
    expected_count: Annotated[int, Field(ge=0, le=POSITION_MAX - 1)] | None = None

    def command(self, command: UUID, actor: str, emitter: str) -> DeclareCoverage:
        """The command that the body asks for."""
        return DeclareCoverage(
            command, actor, emitter, self.first, self.last, self.complete, self.expected_count
        )


EmitterId = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="a short code that the operator gives; it never changes",
        examples=["ads"],
    ),
]
OfRegistration = Annotated[
    EmitterBody,
    Body(
        openapi_examples={
            "register": example("A system that sends from that day on", REGISTRATION),
            "retire": example("The same system, and its last day", RETIRED),
        }
    ),
]
OfDeclaration = Annotated[
    DeclarationBody,
    Body(
        openapi_examples={
            "complete": example("Everything of these days was sent", DECLARATION),
            "take back": example("Something of this day is missing", TAKEN_BACK),
        }
    ),
]


def render_receipt(emitter: str, receipt: CommandReceipt) -> dict[str, Json]:
    """The answer to a command."""
    return {"emitter": emitter, "position": receipt.position}


def render_emitter(state: State, *, has_counts: bool) -> Json:
    """One emitter with what it declared; `has_counts`: with its counts."""
    registration = state.registration
    counted = [one for one in reversed(state.declared) if one.expected_count is not None]
    return {
        "emitter": state.id,
        "source": registration.source,
        "name": registration.name,
        "since": registration.since.isoformat(),
        "until": None if registration.until is None else registration.until.isoformat(),
        "position": state.position,
        "covered": [render_period(one) for one in state.covered],
        "counts": [
            {**render_period(one.period), "expected_count": one.expected_count}
            for one in counted[:COUNTS_SHOWN_MAX]
            if has_counts
        ],
    }


def render_period(period: DayPeriod) -> dict[str, Json]:
    """A period, both days included."""
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
