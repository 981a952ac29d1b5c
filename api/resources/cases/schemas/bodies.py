"""What every body of a case keeps to: closed, printable, and free of individual numbers."""

import logging
from typing import Annotated, Final, Literal, cast

from fastapi import Body
from pydantic import Field, model_validator

from api.web.bodies import Identifier, Model, Visible, check_characters
from api.web.openapi import example
from ledger.errors import MalformedError
from ledger.law.procedure import codes
from ledger.law.procedure.form import FORM_LABELS
from ledger.policies.my_number import my_number_defects

_log: Final = logging.getLogger(__name__)

IDENTIFIERS_MAX: Final = 50
LINE_MAX: Final = 200
# Names of things, not texts: an identifier may have twelve digits that mean something else, and one
# in eleven of those would be taken for an individual number, with no way around.
_NAMES: Final = frozenset(("identifiers", "identifier", "tried", "record", "replaced_by"))

Identifiers = Annotated[list[Identifier], Field(max_length=IDENTIFIERS_MAX)]
Line = Annotated[str, Field(min_length=1, max_length=LINE_MAX), Visible]
"""A short text of one line as somebody types it."""
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
"""A code of the procedure; which ones there are, the procedure of the case says."""
FormField = Annotated[Line, Field(json_schema_extra={"enum": list(FORM_LABELS)})]
"""A field of the form, as `FORM_LABELS` calls it; the ledger refuses another one by its place."""
Person = Literal["principal", "agent", "legal_representative"]
Requester = Literal["self", "mandated_agent", "legal_representative"]
Medium = Literal["paper", "electronic"]
assert set(cast("tuple[str, ...]", Person.__args__)) == codes.PERSONS


class CaseBody(Model):
    """A body of a case. None of its texts may hold an individual number (個人番号)."""

    @model_validator(mode="before")
    @classmethod
    def _without_my_number(cls, given: object) -> object:
        """Refuse an individual number anywhere in a text; only the fact is logged.

        Raises:
            MalformedError: names each place; the framework lets it pass as it is.
        """
        texts = _texts(given)
        check_characters(texts)
        if found := my_number_defects(texts):
            _log.warning("an individual number was refused", extra={"count": len(found)})
            raise MalformedError(found)
        return given


class EmptyStep(CaseBody):
    """A step that says nothing more: `{}`."""


OfNothing = Annotated[
    EmptyStep, Body(openapi_examples={"step": example("Nothing more to say", {})})
]


def _texts(given: object) -> object:
    """`given` without what only names things, at the same places."""
    if isinstance(given, dict):
        members = cast("dict[str, object]", given)
        return {name: _texts(one) for name, one in members.items() if name not in _NAMES}
    if isinstance(given, list):
        return [_texts(one) for one in cast("list[object]", given)]
    return given
