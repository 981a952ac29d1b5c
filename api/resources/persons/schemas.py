"""Two identifiers and whether they are one person: the same for the endpoint and for the page."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.web.bodies import Identifier, Model, Written
from api.web.examples import PAIR
from api.web.openapi import example
from ledger.commands import LinkIdentifiers, UnlinkIdentifiers


class Pair(Model):
    """Two identifiers and the evidence that they are (or are not) one person."""

    a: Identifier
    b: Identifier
    evidence: Written

    def linked(self, command: UUID, actor: str) -> LinkIdentifiers:
        """The command that makes them one person."""
        return LinkIdentifiers(command, actor, self.a.ref(), self.b.ref(), self.evidence)

    def unlinked(
        self, command: UUID, actor: str, expected_version: int | None = None
    ) -> UnlinkIdentifiers:
        """The command that takes the link of exactly these two away.

        Args:
            expected_version: of the link that was looked at; None: whichever stands.
        """
        pair = (self.a.ref(), self.b.ref())
        return UnlinkIdentifiers(command, actor, *pair, self.evidence, expected_version)


OfPair = Annotated[Pair, Body(openapi_examples={"pair": example("Two identifiers", PAIR)})]
