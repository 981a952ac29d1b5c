"""The header If-Match: which version of a case the caller has looked at.

The ETag of a case is its version, so it moves exactly when an event is added to the case.

Source: RFC 9110, sections 8.8.3, 13.1.1; RFC 6585, section 3 (428).
"""

import re
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request

from api.problems.refusals import IfMatchMalformedError, IfMatchMissingError
from ledger.values import Json

_HEADER: Final = "if-match"
_STRONG: Final = re.compile(r'"([!#-~]*)"')
_VERSION: Final = re.compile(r"[1-9][0-9]{0,14}")
_NO_VERSION: Final = 0
"""No object has it: whoever sends a foreign tag has seen another state."""

PARAMETER: Final[dict[str, Json]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the case as you have seen it: one strong tag, as it came. Without "
    "it the answer is 428, with a tag of another version 412.",
    "schema": {"type": "string", "pattern": f"^{_STRONG.pattern}$"},
    "example": '"7"',
}
"""How OpenAPI documents the header."""
ETAG_HEADER: Final[dict[str, Json]] = {
    "ETag": {
        "description": "the version of the case; send it as If-Match with the next step",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]*"$'},
    }
}
"""How OpenAPI documents the tag of an answer."""


def etag(version: int) -> str:
    """The ETag of that version."""
    return f'"{version}"'


async def if_match_version(request: Request) -> int:
    """The version that If-Match names.

    Raises:
        IfMatchMissingError: there is no such header.
        IfMatchMalformedError: it is weak, `*`, a list, or no tag at all.
    """
    values = request.headers.getlist(_HEADER)
    if not values:
        raise IfMatchMissingError
    found = _STRONG.fullmatch(values[0].strip(" \t"))
    if len(values) > 1 or found is None:
        raise IfMatchMalformedError
    return int(found[1]) if _VERSION.fullmatch(found[1]) else _NO_VERSION


SeenVersion = Annotated[int, Depends(if_match_version)]
