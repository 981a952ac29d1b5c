"""The form of 本人確認 as an officer fills it in, and how it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2

from ledger.clock import day_in_japan, now
from tests.pages.casework import Worked
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person

ADDRESS = "東京都千代田区永田町2-11-1"
GOOD = {
    "original": "original",
    "name": "yes",
    "birth_date": "yes",
    "current_address": "yes",
    "address_mark": "printed",
}
ADDRESSES = {
    "has_registered": "yes",
    "on_papers": "東京都千代田区永田町二丁目11番1号",
    "registered": ADDRESS,
    "form_registered": "same",
    "identity_form": "spelling",
    "form_checked": "yes",
}


def day(name: str, on: date) -> dict[str, str]:
    return {
        f"{name}_era": "ad",
        f"{name}_year": str(on.year),
        f"{name}_month": str(on.month),
        f"{name}_day": str(on.day),
    }


def row(n: int, issued_on: date | None = None, **facts: object) -> dict[str, object]:
    """A paper in row `n`; without a day it was issued today."""
    told = {**GOOD, **facts, **day("issued_on", issued_on or day_in_japan(now()))}
    return {f"p{n}_{name}": value for name, value in told.items() if value is not None}


def two(issued_on: date | None = None, **facts: object) -> dict[str, object]:
    """The two papers of a principal in person, all in order, and what goes with them."""
    first = row(0, issued_on, **facts)
    return {**first, **row(1, issued_on, my_number="absent", **facts), **ADDRESSES}


@dataclass(slots=True)
class Papers:
    """The page of one case, as one person works on it.

    Attributes:
        fields: of the form as the page last had it.
    """

    person: Person
    case: Worked
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    page: str = ""

    @property
    def path(self) -> str:
        return f"/desk/cases/{self.case.id}/papers"

    def opened(self) -> "Papers":
        answer = self.person.get(self.path)
        assert answer.status_code == 200, answer.text
        return self._read(answer.text)

    def _read(self, page: str) -> "Papers":
        self.page = page
        self.fields = sheet(page, self.path).fields
        return self

    def send(self, door: str = "", /, **typed: object) -> httpx2.Response:
        """Press a button: all that stands in the form, and what is typed into it."""
        token, given = self._given(typed)
        return self.person.post(f"{self.path}{door}", given, token=token)

    def part(self, door: str, /, **typed: object) -> httpx2.Response:
        """What a script asks for while somebody types."""
        token, given = self._given(typed)
        headers = {"hx-request": "true"}
        return self.person.post(f"{self.path}{door}", given, token=token, headers=headers)

    def _given(self, typed: Mapping[str, object]) -> tuple[str, dict[str, Any]]:
        """The session's token, and the fields as they are sent."""
        given: dict[str, Any] = {**self.fields}
        given.pop("action", None)
        for name, value in typed.items():
            given[name] = value if isinstance(value, list) else [str(value)]
        return given.pop("form_token")[0], given

    def done(self, door: str = "", /, **typed: object) -> str:
        """The address to which a step led that was taken; the page is opened anew."""
        answer = self.send(door, **typed)
        assert answer.status_code == 303, words_of(answer.text)
        self.opened()
        return answer.headers["location"]

    def further(self, **typed: object) -> httpx2.Response:
        """Register further papers."""
        given: dict[str, Any] = {**sheet(self.page, f"{self.path}/resubmission").fields, **typed}
        token = given.pop("form_token")[0]
        return self.person.post(f"{self.path}/resubmission", given, token=token)

    def again(self, answer: httpx2.Response, status: int) -> "Papers":
        """The page that came again, with what was typed."""
        assert answer.status_code == status, words_of(answer.text)
        return self._read(answer.text)

    @property
    def words(self) -> str:
        return words_of(self.page)

    def waits(self, button: str) -> bool:
        """Whether a button cannot be pressed."""
        found = re.search(rf'<button [^>]*(?:id="{button}")[^>]*>', self.page)
        assert found is not None, button
        return " disabled" in found[0]

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What the main button says is left: (where it jumps to, words)."""
        found = re.search(r'<div class="why-not".*?</div>', self.page, re.DOTALL)
        return [] if found is None else re.findall(r'<a href="([^"]+)">([^<]+)</a>', found[0])


def told(office: Office, case: Worked) -> dict[str, Any]:
    """The whole case as the API tells it."""
    answer = office.api("GET", f"/v1/cases/{case.id}", case.work.key("officer"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def opened_by(office: Office, page: Papers, who: str = "colleague") -> Papers:
    """The same page, opened by somebody else."""
    return Papers(office.person(who), page.case).opened()


def looks(office: Office, case: Worked) -> int:
    """How many looks at the papers were put down."""
    events = told(office, case)["events"]
    return sum(one["type"] == "case-documents-checked" for one in events)


def wrong(page: str) -> dict[str, str]:
    """Field → what the page says is wrong with it; each is listed, and leads to a field."""
    found = dict(re.findall(r'<p class="error-text" id="([a-z0-9_]+)-error">([^<]+)</p>', page))
    listed = re.search(r'id="errors".*?</div>', page, re.DOTALL)
    assert listed is not None
    links = re.findall(r'<a href="#([a-z0-9_]+)">', listed[0])
    assert sorted(found) == sorted(links)
    for name in links:
        assert f'id="{name}"' in page
    return found
