"""Reads which kinds of identifiers the platforms of this ledger have."""

import json
import re
from collections.abc import Mapping
from typing import Final, cast

from api.environment.values import Values

KINDS_MAX: Final = 100
_SCHEME: Final = re.compile(r"[a-z0-9_]{1,40}")
_NAME_MAX: Final = 40
_EXPECTED: Final = (
    f"expected a JSON object of at most {KINDS_MAX} members, scheme (a-z, 0-9, _) → what the pages"
    f" call it, 1 to {_NAME_MAX} printable characters"
)


class Kinds(Values):
    """Reads the kinds of identifiers."""

    def identifier_kinds(self, name: str) -> Mapping[str, str]:
        """A JSON object: scheme → what officers call it."""
        value = self.get(name)
        if value is None:
            return {}
        try:
            found = cast("object", json.loads(value))
        except ValueError:
            found = None
        if not isinstance(found, dict) or len(cast("dict[str, object]", found)) > KINDS_MAX:
            self.refuse(name, _EXPECTED)
            return {}
        kinds = cast("dict[str, object]", found)
        for scheme, called in kinds.items():
            is_name = isinstance(called, str) and 0 < len(called.strip()) <= _NAME_MAX
            if not (_SCHEME.fullmatch(scheme) and is_name and cast("str", called).isprintable()):
                self.refuse(name, _EXPECTED)
                return {}
        return cast("dict[str, str]", kinds)
