"""Who calls, as one value; and what "bound to a source" means."""

import re
from dataclasses import dataclass
from typing import Literal

from api.auth.scopes import Scope
from api.problems.refusals import PersonUnknownError
from ledger.emitters.sources import is_within
from ledger.errors import SourceNotAllowedError

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
        is_person: whether it is known which person calls.
        earlier: other actors of the same caller, from older versions. See `api.auth.owners`.
        jkt: the thumbprint of the key that proves each request; None: the credential is bound to
            none, and whoever has it is the caller.
    """

    actor: str
    kind: Literal["key", "token", "local", "person"]
    scopes: frozenset[Scope]
    source_prefix: str | None
    is_person: bool = False
    earlier: frozenset[str] = frozenset()
    jkt: str | None = None

    @property
    def actors(self) -> frozenset[str]:
        """Every actor that is this caller: of two persons, none of them is another one."""
        return self.earlier | {self.actor}

    def check_person(self) -> None:
        """Refuse who may be somebody else at the same time, where two persons are needed.

        Raises:
            PersonUnknownError: the key or token does not name a person.
        """
        if not self.is_person:
            raise PersonUnknownError

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
