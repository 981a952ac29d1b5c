"""Who is at the door, as one value; and what "bound to a source" means."""

import re
from dataclasses import dataclass
from typing import Literal

from api.auth.scopes import Scope
from ledger.errors import SourceNotAllowedError
from ledger.sources import is_within

SOURCE_PREFIX_BYTES_MAX = 256
"""Longest source prefix: half of what a `source` may have."""

_PREFIX = re.compile(r"[!-~]+")
_BARE_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//+)?")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller; never called "principal", which means the person in a record.

    Attributes:
        actor: 32 hex digits for event headers; the same caller has the same actor for ever.
        kind: how the caller proved it: an API key, an access token, a session of the pages, or by
            where it calls from.
        scopes: what the caller may do.
        source_prefix: the source to which `events:write` is bound; None allows no source at all.
    """

    actor: str
    kind: Literal["key", "token", "local", "person"]
    scopes: frozenset[Scope]
    source_prefix: str | None

    def may(self, scope: Scope) -> bool:
        """Whether the caller holds `scope`."""
        return scope in self.scopes

    def check_source(self, source: str) -> None:
        """Refuse a source that is not the caller's.

        Raises:
            SourceNotAllowedError: `source` is not the prefix and not below it.
        """
        if self.source_prefix is None or not is_within(source, self.source_prefix):
            raise SourceNotAllowedError


def is_prefix(text: str) -> bool:
    """Whether `text` can bind a key to a source.

    Printable ASCII without blanks, at most 256 bytes, and more than a bare scheme: `https:` or
    `urn:` would open everybody's sources.
    """
    return (
        len(text) <= SOURCE_PREFIX_BYTES_MAX
        and _PREFIX.fullmatch(text) is not None
        and _BARE_SCHEME.fullmatch(text) is None
        and text.strip("/:?#") != ""
    )
