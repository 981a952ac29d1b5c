"""Why an identifier is the person's although its records bear another name than the form."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from api.resources.cases.schemas.bodies import IDENTIFIERS_MAX
from api.web.bodies import Identifier, Model, Text
from ledger.cases.name_differences import NameExplained


class NameDifference(Model):
    """The reason for one of `identifiers`: a married name, an old member ID."""

    identifier: Identifier
    because: Text


NamesDiffer = Annotated[list[NameDifference], Field(max_length=IDENTIFIERS_MAX)]
"""Each identifier whose records bear another name than the form, and no other one."""


def explained(differences: Sequence[NameDifference]) -> tuple[NameExplained, ...]:
    """The reasons as a step carries them."""
    return tuple(NameExplained(one.identifier.ref(), one.because) for one in differences)
