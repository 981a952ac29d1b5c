"""Every link and every form that a page shows somebody is one that they may follow, or send.

Attack: a page promises what a guard then refuses, or shows what its reader may not open.
Held off by: links and forms are made of what the reader may do.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from random import sample
from typing import Final

import pytest

from api.auth.people import LABELS, Role, scopes_of
from api.web.pages.navigation import PLACES
from tests.attacks.allowed import ALLOWED
from tests.attacks.scenes import SCENES, Shown
from tests.matrix import every
from tests.pages.office import Office, Person
from tests.pages.test_routes import IDENTITY_OF
from tests.rounds import rounds

_LINK: Final = re.compile(r'<a\b[^>]*?\shref="(/[^"#]*)')
_LETTER: Final = re.compile(r'\sdata-letter="(/[^"]*)"')
_FORM: Final = re.compile(r'<form\b[^>]*method="post"[^>]*?\saction="(/[^"?#]*)')
_BUTTON: Final = re.compile(r'\sformaction="(/[^"?#]*)')
_IDS: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/notices/)[^/?]+|(?<=[=])[^&]+"
)
_DOCUMENT: Final = re.compile(r"\.(?:pdf|zip|csv)$")
_SIGNING: Final = ("/sign-in", "/sign-out", "/signed-out")
_ALIKE_MAX: Final = 12
"""Addresses of one pattern that are walked: pages of other cases link to the same pages."""
_DOCUMENTS_MAX: Final = 2


@dataclass(slots=True)
class Walk:
    """What one person found.

    Attributes:
        refused: (where the link stands, its address, the status).
        forms: (where it stands, the address that it is sent to) of forms that are not theirs.
        walked: pattern of an address → how many were opened.
    """

    person: Person
    role: Role
    refused: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
    forms: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    walked: Counter[str] = field(default_factory=Counter[str])
    _known: set[str] = field(default_factory=set[str])
    _next: deque[tuple[str, str]] = field(default_factory=deque[tuple[str, str]])

    def read(self, where: str, text: str) -> None:
        """Take in what a page links to, and where its forms are sent."""
        for address in (*_LINK.findall(text), *_LETTER.findall(text)):
            self._next.append((pattern(where), unescape(address)))
        for address in (*_FORM.findall(text), *_BUTTON.findall(text)):
            if not address.startswith(_SIGNING) and not may_send(self.role, unescape(address)):
                self.forms.add((pattern(where), pattern(address)))

    def go_on(self) -> "Walk":
        """Follow everything, and what is linked from there."""
        while self._next:
            where, address = self._next.popleft()
            alike = pattern(address)
            most = _DOCUMENTS_MAX if _DOCUMENT.search(address) else _ALIKE_MAX
            if address in self._known or address.startswith(_SIGNING) or "/static/" in address:
                continue
            if self.walked[alike] >= most:
                continue
            self._known.add(address)
            self.walked[alike] += 1
            answer = self.person.get(address, follow_redirects=True)
            if answer.status_code >= 400 or answer.url.path.startswith(_SIGNING):
                self.refused.add((where, alike, answer.status_code))
            elif answer.headers.get("content-type", "").startswith("text/html"):
                self.read(address, answer.text)
        return self


def pattern(address: str) -> str:
    """An address without the ids in it."""
    return _IDS.sub("…", address)


def may_send(role: Role, address: str) -> bool:
    """Whether the role may send a form there, as the table of the pages says."""
    for (method, route), allowed in ALLOWED.items():
        parts = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route))
        if method == "POST" and "rest:path" not in route and re.fullmatch(parts, address):
            return allowed.of(role)
    return False


@pytest.fixture(scope="module")
def scenes(office: Office) -> list[tuple[str, Shown]]:
    """Every scene, made once: the ledger then holds cases and records in every state."""
    return [(one.who, one.opened(office)) for one in SCENES.values()]


def walk(office: Office, role: Role, scenes: Iterable[tuple[str, Shown]]) -> Walk:
    """All that somebody with that role can reach."""
    who = IDENTITY_OF[role]
    begun = Walk(office.person(who), role)
    home = begun.person.get("/desk", follow_redirects=True)
    begun.read(home.url.path, home.text)
    for named, shown in scenes:
        if named == who:
            begun.read(shown.path, shown.text)
    return begun.go_on()


REACHED: Final[dict[Role, tuple[str, ...]]] = {
    "reception": ("/desk/new", "/desk/cases/…", "/desk/cases/…/papers"),
    "officer": ("/desk/cases/…/records", "/desk/cases/…/links", "/desk/exceptions/…/correction"),
    "approver": ("/desk/cases/…", "/desk/cases/…/approval"),
    "chief": ("/desk/cases/…", "/desk/exclusions", "/desk/holds"),
    "auditor": ("/desk/audit", "/desk/holds"),
    "emitter_keeper": ("/desk/emitters/quarantine", "/desk/registers/…"),
    "operator": ("/desk/keys", "/desk/emitters"),
}
"""Role → some pages that must have been reached, or nothing was walked."""


@every("role", sample([*LABELS], rounds(len(LABELS))))
def test_no_link_and_no_form_that_is_shown_is_refused(
    office: Office, scenes: list[tuple[str, Shown]], role: Role
) -> None:
    found = walk(office, role, scenes)
    assert sorted(found.refused) == []
    assert sorted(found.forms) == []
    subjects = {one.address for one in PLACES if not scopes_of((role,)).isdisjoint(one.scopes)}
    assert {*REACHED[role], *subjects} - found.walked.keys() == set()
