"""Registers on the pages: uploaded and worked on over HTTP, as a browser without scripts would."""

import html
import re
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from tests.pages.office import SAME_SITE, Office, Person
from tests.registers.writing import HEADINGS, SOURCE, csv_file, usual_row, workbook

PAGE = "/desk/registers"
KEEPER = "quarantine"
PATIENCE_S = 300.0
_NUMBERS = iter(range(0, 10**9, 10_000))
GOING_ON = 'id="progress"'


def upload(person: Person, name: str, content: bytes, token: str | None = None) -> httpx2.Response:
    """Send a file as a browser does."""
    given = {"form_token": token or person.token}
    files = {"file": (name, BytesIO(content), "application/octet-stream")}
    return person.client.post(PAGE, data=given, files=files, headers=SAME_SITE)


def rows(count: int, first: int = 0, **changes: object) -> list[list[object]]:
    """So many transfers."""
    return [usual_row(n, n, **changes) for n in range(first, first + count)]


def csv_bytes(folder: Path, listed: list[list[object]]) -> bytes:
    return csv_file(folder / "r.csv", [HEADINGS, *listed]).read_bytes()


def xlsx_bytes(folder: Path, listed: list[list[object]]) -> bytes:
    return workbook(folder / "r.xlsx", [HEADINGS, *listed]).read_bytes()


@dataclass(slots=True)
class Uploaded:
    """A register on the pages."""

    office: Office
    person: Person
    path: str
    fields: dict[str, Any] = field(default_factory=dict[str, Any])

    def page(self, query: str = "") -> str:
        answer = self.person.get(f"{self.path}{query}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, action: str, fields: dict[str, Any] | None = None) -> httpx2.Response:
        page = self.page()
        given = {"version": version_in(page), **(fields or {})}
        [token] = set(re.findall(r'name="form_token" value="([0-9a-f]{64})"', page))
        return self.person.post(f"{self.path}/{action}", given, token=token)

    def mapped(self, **changes: Any) -> httpx2.Response:  # noqa: ANN401 -- fields of any kind
        """The form of the mapping, as it stands with what nobody can guess, sent."""
        return self.post("mapping", form_of(self.page()) | usual() | changes)

    def ended(self) -> str:
        """The page, once nobody is at it."""
        deadline = time.monotonic() + PATIENCE_S
        while GOING_ON in (text := self.page()):
            assert time.monotonic() < deadline, "it did not end"
            time.sleep(0.02)
        return text


def version_in(page: str) -> str:
    """What the forms of a page say they were made of; nothing where there is no form."""
    found = set(re.findall(r'name="version" value="([0-9a-f]{64})"', page))
    assert len(found) <= 1, "all forms of a page are of one version"
    return found.pop() if found else ""


def usual() -> dict[str, str]:
    """What nobody can guess of the usual register."""
    return {"source": SOURCE, "system": "記録簿", "batch": "2022年度"}


def form_of(page: str) -> dict[str, Any]:
    """The fields of the form of the mapping, as a browser would send them."""
    [form] = re.findall(r'<form[^>]* id="mapping".*?</form>', page, re.DOTALL)
    found: dict[str, Any] = {}
    for name, select in re.findall(
        r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', form, re.DOTALL
    ):
        options = re.findall(r'<option value="([^"]*)"( selected)?', select)
        chosen = [value for value, is_selected in options if is_selected]
        found[name] = chosen[0] if chosen else options[0][0]
    areas = r'<textarea id="\w+" name="(\w+)".*?>(.*?)</textarea>'
    found |= {name: html.unescape(text) for name, text in re.findall(areas, form, re.DOTALL)}
    for tag in re.findall(r"<input [^>]*>", form):
        named = re.search(r' name="(\w+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if named is None or named[1] == "form_token":
            continue
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        found[named[1]] = "" if value is None else html.unescape(value[1])
    return found


def uploaded(office: Office, name: str, content: bytes, who: str = KEEPER) -> Uploaded:
    """A register that was just uploaded."""
    person = office.person(who)
    answer = upload(person, name, content)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    assert re.fullmatch(rf"{PAGE}/[0-9a-f-]{{36}}", path)
    return Uploaded(office, person, path)


def head(office: Office) -> int:
    [(position,)] = office.rows("SELECT position FROM ledger.head")
    return position


def new(count: int, **changes: object) -> list[list[object]]:
    """Rows with numbers that no other test has."""
    return rows(count, next(_NUMBERS), **changes)


def pieces(office: Office, one: Uploaded) -> list[str]:
    statement = "SELECT register, kind FROM ledger.register_pieces"
    return [kind for register, kind in office.rows(statement) if register == register_of(one)]


def register_of(one: Uploaded) -> UUID:
    return UUID(one.path.rpartition("/")[2])
