"""Parts that several bodies share, and the route that reads a body as strictly as transfers are."""

import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from api.auth import guards
from api.contract import control_characters, is_visible
from api.contract.bounds import has_more_characters, has_more_values
from api.web.idempotency import KeyedRoute
from api.web.intake import ReadRequest, media_type, read_json
from api.web.latency_padding import EvenRoute
from api.web.parameters import KnowingRoute
from ledger.errors import Defect, MalformedError
from ledger.policies.blanks import INVISIBLE_CHARACTER, hidden_in_name
from ledger.policies.my_number import MY_NUMBER_SHOWN, my_number_defects
from ledger.service import CommandReceipt
from ledger.values import PrincipalRef

_log: Final = logging.getLogger(__name__)

POSITION_MAX: Final = 2**53
"""JSON's whole numbers end here (event format, notation)."""

VALUES_MAX: Final = 100_000
"""Members and elements of a body: no model has room for as many, and each may be a defect."""
_TOO_MANY: Final = Defect("", "SCHEMA", f"holds more than {VALUES_MAX:,} members and elements")

CHARACTERS_MAX: Final = 200_000
"""Characters of a body that is searched for individual numbers, equal texts and names once."""
_TOO_LONG: Final = Defect(
    "", "SCHEMA", f"holds more than {CHARACTERS_MAX:,} characters, equal texts counted once"
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Model(BaseModel):
    """A body: closed, immutable, and of exactly the types that it names (no `"5"` for 5)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _printable(cls, given: object) -> object:
        """Refuse control characters anywhere, as in a transfer.

        Raises:
            MalformedError: names each place; the framework lets it pass as it is.
        """
        if found := control_characters(given):
            raise MalformedError(found)
        return given


def check_characters(given: object) -> None:
    """Refuse a body of more characters than are searched for individual numbers.

    Every text is searched, also one that its field does not take, and others wait meanwhile.

    Raises:
        MalformedError: one defect; the framework lets it pass as it is.
    """
    if has_more_characters(given, CHARACTERS_MAX):
        raise MalformedError((_TOO_LONG,))


class BoundedModel(Model):
    """A body with room for many texts that are searched for individual numbers."""

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, given: object) -> object:
        check_characters(given)
        return given


def _day(given: object) -> object:
    """A day as RFC 3339 writes it, and nothing else that could be read as one."""
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError("give a day as YYYY-MM-DD")
    return date.fromisoformat(given)


def _visible(given: str) -> str:
    """A text in which something can be seen."""
    if not is_visible(given):
        raise ValueError("give a text with a visible character")
    return given


def _without_my_number(given: str) -> str:
    """A text that holds no individual number (個人番号); only the fact is logged."""
    for found in my_number_defects(given):
        _log.warning("an individual number was refused", extra={"count": 1})
        raise PydanticCustomError(MY_NUMBER_SHOWN, found.detail)  # pyright: ignore[reportArgumentType] -- it wants a literal, the words are the policy's
    return given


def check_name(name: str, pointer: str) -> None:
    """Refuse a name that looks like another one, as a transfer's is (`hidden_in_name`).

    Raises:
        MalformedError: `INVISIBLE_CHARACTER`; the framework lets it pass as it is.
    """
    if hidden := hidden_in_name(name):
        detail = f"holds {hidden}, which no reader sees: give it without"
        raise MalformedError((Defect(pointer, INVISIBLE_CHARACTER, detail),))


Visible = AfterValidator(_visible)
WithoutMyNumber = AfterValidator(_without_my_number)
"""Of a text that is typed; an identifier may have twelve digits that mean something else."""
Day = Annotated[date, BeforeValidator(_day)]
Position = Annotated[int, Field(ge=1, le=POSITION_MAX, examples=[1841])]
# Free text as somebody types it: bounded, and never printed anywhere but to officers.
Text = Annotated[str, Field(min_length=1, max_length=2_000), Visible]
Written = Annotated[Text, WithoutMyNumber]
"""A `Text` about a person: why, on what evidence."""


class Identifier(Model):
    """One identifier of a person in one system (as `principals` of a transfer)."""

    scheme: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", examples=["member"])]
    id: Annotated[str, Field(min_length=1, max_length=200, examples=["M-0042-7781"])]

    def ref(self) -> PrincipalRef:
        """The identifier as the domain knows it."""
        return PrincipalRef(self.scheme, self.id)


def refs(identifiers: Sequence[Identifier]) -> tuple[PrincipalRef, ...]:
    """The identifiers as the domain knows them."""
    return tuple(identifier.ref() for identifier in identifiers)


class EventReceipt(BaseModel):
    """Where the new event stands."""

    position: Annotated[int, Field(description="give it back as `after` when you read")]
    stream: UUID


def receipt_of(receipt: CommandReceipt) -> EventReceipt:
    """The answer to a command."""
    return EventReceipt(position=receipt.position, stream=receipt.stream)


class StrictRoute(KnowingRoute):
    """A route that asks who calls before it reads, then reads strictly.

    The framework would read and validate a body first, in UTF-16 too, and take lone surrogates,
    `NaN` and repeated members.
    """

    def get_route_handler(self) -> _Handler:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """The handler with the body parsed by ours."""
        handle = super().get_route_handler()
        guarding = guards(self)
        if self.body_field is None:
            return handle

        async def read_first(request: Request) -> Response:
            for guard in guarding:
                await guard(request)
            media_type(request, "application/json")
            body = await read_json(request)
            if has_more_values(body, VALUES_MAX):
                raise MalformedError((_TOO_MANY,))
            return await handle(ReadRequest(request, body))

        return read_first


class CommandRoute(StrictRoute, KeyedRoute):
    """A strict route whose writing requests may carry an Idempotency-Key."""


class EvenStrictRoute(EvenRoute, StrictRoute):
    """A strict route whose answers leave on the grid: it reads records."""


class EvenCommandRoute(EvenRoute, CommandRoute):
    """A command route whose answers leave on the grid: it reads records, or refuses hidden ones."""
