"""JSON Pointers (RFC 6901) into an input, which never repeat what somebody typed into it."""

import re
from collections.abc import Iterable

# A member name that the schema does not know may be somebody's name or number put into the wrong
# place; what looks like a field name is shown, for the sender must find it, the rest is not.
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}")


def pointer_to(path: Iterable[str | int]) -> str:
    """The pointer to `path`; it ends above the first name that does not look like a field's."""
    tokens: list[str] = []
    for token in path:
        if isinstance(token, str) and not is_field_name(token):
            break
        tokens.append(f"/{token}")
    return "".join(tokens)


def is_field_name(name: str) -> bool:
    """Whether `name` may be shown; such a name needs no escape in a pointer."""
    return _FIELD_NAME.fullmatch(name) is not None
