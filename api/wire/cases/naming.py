"""Why an identifier is the person's although its records bear another name than the form."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from api.wire.bodies import Identifier, Model, Text
from api.wire.cases.bodies import IDENTIFIERS_MAX
from ledger.case.naming import NameExplained, NamesCompared


class NameDiffers(Model):
    """The reason for one of `identifiers`: a married name, an old member ID."""

    identifier: Identifier
    because: Text


NamesDiffer = Annotated[list[NameDiffers], Field(max_length=IDENTIFIERS_MAX)]
"""Each identifier whose records bear another name than the form, and no other one."""


def names_compared(checks: tuple[str, ...], said: Sequence[NameDiffers]) -> NamesCompared:
    """What the records and the body say, as the step carries both."""
    explained = (NameExplained(one.identifier.ref(), one.because) for one in said)
    return NamesCompared(checks, tuple(explained))
