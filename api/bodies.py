"""Parts that several bodies share."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ledger.application import Receipt
from ledger.values import PrincipalRef


class Model(BaseModel):
    """A body: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


# Free text as somebody types it: bounded, and never printed anywhere but to officers.
Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class Standing(BaseModel):
    """Where the new event stands."""

    position: int
    stream: UUID


def standing(receipt: Receipt) -> Standing:
    """The answer to a command."""
    return Standing(position=receipt.position, stream=receipt.stream)
