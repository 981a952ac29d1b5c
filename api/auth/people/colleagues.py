"""What people at the desk are called: for each other, beside the ledger and never in it (0055).

The provider of identities tells a name at each sign-in. It is kept sealed, for some days after the
last one, so that somebody who reads who did what knows whom to call.
"""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from api.auth import Scope
from api.auth.people.roles import LABELS, Role, known
from api.contract import control_characters, is_visible
from ledger.errors import BrokenWorldError, LedgerError
from ledger.lifetimes import officer_day
from ledger.store.officer_names import OfficerNames
from ledger.unicode_forms import normalize
from ledger.values import Json

NAME_CHARACTERS_MAX: Final = 100
FRESH_S: Final = 30.0
"""Seconds for which a process believes what it read: as long as of a key (0068)."""
SHORT: Final = 8
"""Digits by which an actor is told whose name is unknown."""

# Who sees what colleagues did sees who they are. Who operates reads no personal data, and who keeps
# the emitters sees nobody's acts.
_READERS: Final[frozenset[Scope]] = frozenset(("cases:read", "audit:read"))

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody, as their last sign-in told.

    Attributes:
        is_one_of_several: somebody else of the desk is called the same, but for blanks and widths.
    """

    name: str = field(repr=False)
    roles: tuple[Role, ...]
    is_one_of_several: bool = False


Called = Mapping[str, Colleague]
"""Actor → who it is; whoever is not there is told by the first digits of the actor."""


def name_of(claims: Mapping[str, Json]) -> str:
    """What the provider calls somebody; empty when it says nothing that can be shown.

    A name that holds a control character or turns the reading order around is none, nor is one that
    is too long: the next claim is asked. A cut or mended name might be somebody else's.

    Source: OpenID Connect Core 1.0, section 5.1.
    """
    for claim in ("name", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str) and _is_displayable(value.strip()):
            return value.strip()
    return ""


def called(colleagues: Called, actor: str) -> str:
    """What a page calls the actor: name and roles, or `担当者` and the first digits."""
    found = colleagues.get(actor)
    if found is None:
        return f"担当者 {actor[:SHORT]}"
    more = [LABELS[role] for role in found.roles]
    more += [actor[:SHORT]] if found.is_one_of_several else []
    return f"{found.name}（{'・'.join(more)}）" if more else found.name


def may_know(scopes: Collection[Scope]) -> bool:
    """Whether somebody with these scopes reads what colleagues are called."""
    return not _READERS.isdisjoint(scopes)


class Colleagues:
    """What everybody is called. Thread-safe; blocks, so it runs in a thread.

    Args:
        days: for how long after the last sign-in.
        monotonic: for how long what was read is believed.
    """

    def __init__(
        self, names: OfficerNames, days: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._names = names
        self._days = days
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._read: tuple[Called, float] | None = None

    def signed_in(self, actor: str, name: str, roles: Collection[Role], at: datetime) -> None:
        """Keep what the sign-in told; without a name, nothing of it is kept any more.

        Nobody is kept out because of it: what fails is logged, by its code.
        """
        entry = {"actor": actor, "name": name, "roles": [*roles]}
        try:
            if name:
                content = json.dumps(entry, ensure_ascii=False).encode()
                self._names.keep(actor, content, at, officer_day(at, self._days))
            else:
                self._names.forget(actor)
        except LedgerError as error:
            _log.warning("a colleague's name was not kept", extra={"code": error.code})
        except BrokenWorldError:
            _log.error("a colleague's name was not kept: its key does not open")
        with self._lock:
            self._read = None

    def known(self, at: datetime) -> Called:
        """Everybody; nobody while they cannot be read: no page waits for a name."""
        with self._lock:
            read = self._read
        if read is not None and self._monotonic() - read[1] < FRESH_S:
            return read[0]
        found: Called = {}
        try:
            found = _read_colleagues([one.content for one in self._names.all(at)])
        except LedgerError as error:
            _log.warning("colleagues' names were not read", extra={"code": error.code})
        except BrokenWorldError:
            _log.error("colleagues' names do not open")
        with self._lock:
            self._read = found, self._monotonic()
        return found


def actor_and_roles(content: bytes) -> tuple[str, tuple[Role, ...]]:
    """Actor and roles of what is kept of somebody; not the name."""
    read = cast("dict[str, Json]", json.loads(content))
    return cast("str", read["actor"]), known(cast("list[str]", read["roles"]))


def _read_colleagues(rows: Collection[bytes]) -> Called:
    read = [cast("dict[str, Json]", json.loads(one)) for one in rows]
    count = Counter(_comparable_name(one) for one in read)
    return {
        cast("str", one["actor"]): Colleague(
            cast("str", one["name"]),
            known(cast("list[str]", one["roles"])),
            is_one_of_several=count[_comparable_name(one)] > 1,
        )
        for one in read
    }


def _comparable_name(entry: Mapping[str, Json]) -> str:
    """The name as a reader takes it in: two that differ in blanks or width look the same."""
    return "".join(normalize("NFKC", cast("str", entry["name"])).split())


def _is_displayable(name: str) -> bool:
    return (
        0 < len(name) <= NAME_CHARACTERS_MAX
        and is_visible(name)
        and not control_characters(name)
        and not any(one in name for one in "\t\r\n\u2028\u2029")
    )
