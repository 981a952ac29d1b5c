"""The subjects of the pages, who has which of them, and where somebody begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.auth import Scope
from api.auth.people import SignedInUser

_OF_CASES: Final = ("/desk/cases/", "/desk/new", "/desk/search", "/desk/printing")


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A page that the row of links at the top leads to.

    Attributes:
        scopes: each of them alone opens it, as it opens the endpoint of the API with the same
        subject. missing: what is said below it of what there is not, whether there never was or it
        is not
            shown; empty: as everywhere.
    """

    label: str
    address: str
    scopes: tuple[Scope, ...]
    missing: str = ""

    def holds(self, path: str) -> bool:
        """Whether the page of that path belongs to this subject."""
        below = _OF_CASES if self.address == "/desk" else (f"{self.address}/",)
        return path == self.address or path.startswith(below)


DESK: Final = NavigationLink("受付一覧", "/desk", ("cases:read",))
EXCEPTIONS: Final = NavigationLink(
    "例外",
    "/desk/exceptions",
    ("records:write",),
    "この番号の記録はありません。番号を確かめるか、例外の一覧から選んでください。",
)
EMITTERS: Final = NavigationLink(
    "送信元",
    "/desk/emitters",
    ("cases:read", "records:read", "audit:read", "quarantine:write", "admin:config"),
)
RETENTION: Final = NavigationLink(
    "保存期間", "/desk/retention", ("audit:read", "records:exclude", "admin:config")
)
HOLDS: Final = NavigationLink(
    "保全", "/desk/holds", ("records:write", "records:exclude", "audit:read")
)
EXCLUSIONS: Final = NavigationLink("存否の除外", "/desk/exclusions", ("records:exclude",))
NOTICES: Final = NavigationLink(
    "共同利用公表事項", "/desk/notices", ("notices:write", "records:read", "audit:read")
)
KEYS: Final = NavigationLink("利用者と鍵", "/desk/keys", ("admin:config",))
REGISTERS: Final = NavigationLink("過去の記録の取込", "/desk/registers", ("events:write",))
AUDIT: Final = NavigationLink("監査ログ", "/desk/audit", ("audit:read",))

PLACES: Final = (
    *(DESK, AUDIT, EXCEPTIONS, EMITTERS, REGISTERS, RETENTION, HOLDS, EXCLUSIONS, NOTICES, KEYS),
)
"""In the order in which they stand; the first one that somebody has is where they begin."""

ANY: Final[tuple[Scope, ...]] = tuple(sorted({scope for place in PLACES for scope in place.scopes}))
"""Each of them alone opens some page."""


def pages_of(user: SignedInUser | None) -> Sequence[NavigationLink]:
    """The pages that a user has; a stranger has none."""
    if user is None:
        return ()
    return [one for one in PLACES if not user.caller.scopes.isdisjoint(one.scopes)]


def home_of(user: SignedInUser | None) -> NavigationLink | None:
    """Where a user begins; None when none of their roles has a page."""
    places = pages_of(user)
    return places[0] if places else None


def back_of(user: SignedInUser | None, path: str) -> NavigationLink | None:
    """Where somebody goes on from a page of that path which is not shown.

    To the page that it stands below, if they have that one; else to where they begin.
    """
    places = pages_of(user)
    above = (one for one in places if path != one.address and one.holds(path))
    return next(above, places[0] if places else None)
