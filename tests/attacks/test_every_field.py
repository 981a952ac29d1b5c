"""Hostile texts in every field of every form: never a fault, never more than a text.

The forms and their fields are read from the pages themselves, the addresses from the routes.

Attack: HTML, scripts, templates, typesetting, or bytes that are no text, in any field of any
form; or a form as long as any may be, of what takes the most bytes to keep.
Held off by: escaping everywhere, and a refusal before anything is done. A draft may have what any
form may hold (`ledger.store.form_drafts.DRAFT_BYTES_MAX`).
"""

import re
from random import Random
from typing import Final, cast
from urllib.parse import quote_plus

import httpx2
import pytest

from api.web.pages.forms import BYTES_MAX
from tests.attacks import hostile
from tests.attacks.reading import Page, Paper, read
from tests.attacks.scenes import SCENES, Scene
from tests.pages.filling import sheet
from tests.pages.office import SAME_SITE, Office, Person
from tests.pages.test_routes import BY_PROVIDER, FORMS, UNKNOWN
from tests.rounds import rounds

TAKEN: Final = frozenset((200, 303))
TOLD: Final = frozenset((400, 401, 403, 404, 409, 413, 415, 422))
TAKEN_ANEW: Final = 3
TEXTS_TRIED: Final = rounds(len(hostile.TEXTS))
"""Of each form; another draws others, and so does the next run."""
_FORM: Final = "application/x-www-form-urlencoded"


class Attack:
    """Sends forms of one scene; what goes wrong is kept, to be told together."""

    def __init__(self, office: Office, scene: Scene) -> None:
        self.office, self.scene = office, scene
        self.person: Person = office.person(scene.who)
        self.wrong: list[str] = []
        self.taken: dict[str, int] = {}
        self.papers: list[tuple[str, str, Paper]] = []
        self.open()

    def open(self) -> None:
        """Make the scene anew, and read its forms: (pattern of the address, address, form)."""
        posted = read(self.scene.opened(self.office).text).posted()
        self.papers = [(pattern_of(action), action, paper) for action, paper in posted]

    def paper(self, pattern: str) -> tuple[str, Paper] | None:
        """The form of a pattern; the scene is made anew when it shows it no more."""
        for _ in range(2):
            for found, action, paper in self.papers:
                if found == pattern:
                    return action, paper
            self.open()
        return None

    def given(self, action: str, paper: Paper) -> dict[str, list[str]]:
        """The form, filled in as it should be where that is known."""
        given = paper.sent()
        for end, fill in self.scene.fills.items():
            if action.endswith(end):
                for name, value in fill.items():
                    several = cast("list[object]", value) if isinstance(value, list) else [value]
                    given[name] = [str(one) for one in several]
        return given

    def send(self, pattern: str, what: str, text: str, only: str | None = None) -> None:
        """Send a form with a text in one field, or in all into which somebody writes."""
        found = self.paper(pattern)
        if found is None:
            self.wrong.append(f"{pattern}: the form is gone")
            return
        action, paper = found
        given = self.given(action, paper)
        names = [only] if only is not None else paper.typed()
        for name in names:
            given[name] = [text] * max(1, len(given.get(name, ())))
        token = given["form_token"][0]
        answer = self.person.post(action, given, token=token)
        self.judge(answer, f"{pattern} [{only or 'all'}] {what}", paper, names, text)

    def send_raw(self, pattern: str) -> None:
        """Send a form with bytes that are no text: refused before anything is done."""
        found = self.paper(pattern)
        if found is None:
            self.wrong.append(f"{pattern}: the form is gone")
            return
        action, paper = found
        token = self.given(action, paper)["form_token"][0]
        field = (paper.typed() or ["anything"])[0]
        headers = {**SAME_SITE, "content-type": _FORM}
        for what, raw in hostile.RAW.items():
            body = f"form_token={token}&{quote_plus(field)}=".encode() + raw
            answer = self.person.client.post(action, content=body, headers=headers)
            where = f"{pattern} [{field}] {what}"
            allowed = TOLD if what != "no code at all" else TAKEN | TOLD
            if answer.status_code not in allowed:
                self.wrong.append(f"{where}: {answer.status_code}")
            if answer.status_code == 303:
                self._went_on(where)
            if answer.headers.get("content-type", "").startswith("text/html"):
                self.wrong += [f"{where}: {one}" for one in hostile.planted(read(answer.text))]

    def judge(
        self, answer: httpx2.Response, where: str, paper: Paper, names: list[str], text: str
    ) -> None:
        if answer.status_code not in TAKEN | TOLD:
            self.wrong.append(f"{where}: {answer.status_code}")
        location = answer.headers.get("location", "/")
        if not location.startswith(("/desk", "/sign")) and location != "/":
            self.wrong.append(f"{where}: leads to {location[:80]}")
        if answer.status_code == 303 and not where.endswith("/draft"):
            self._went_on(where)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return
        page = read(answer.text)
        self.wrong += [f"{where}: {one}" for one in hostile.planted(page)]
        if answer.status_code == 422:
            if any(pattern_of(one) == where.partition(" [")[0] for one, _ in page.posted()):
                self._told_at_its_field(answer.text, where)
            if self.taken.get(where.partition(" [")[0], 0) <= TAKEN_ANEW:
                # What it was about may be done by now, and its form with it.
                self._kept(page, where, paper, names, text)

    def _went_on(self, where: str) -> None:
        """The next form is of a scene made anew; after a few, it is one that somebody else took."""
        pattern = where.partition(" [")[0]
        self.taken[pattern] = self.taken.get(pattern, 0) + 1
        if self.taken[pattern] <= TAKEN_ANEW:
            self.papers = []

    def _told_at_its_field(self, text: str, where: str) -> None:
        """What is wrong is listed, and each line leads to something that is on the page."""
        if 'class="notice error"' not in text and 'class="error-text"' not in text:
            self.wrong.append(f"{where}: 422, and nothing is told")
        for target in re.findall(r'<li><a href="#([^"]+)">', text):
            if f'id="{target}"' not in text:
                self.wrong.append(f"{where}: leads to #{target}, which there is not")

    def _kept(self, page: Page, where: str, paper: Paper, names: list[str], typed: str) -> None:
        """What was typed stands in its field again."""
        wanted = typed.replace("\r\n", "\n").strip()
        for again in page.papers:
            if set(paper.typed()) <= set(again.typed()):
                held = {(one.name, one.value.strip()) for one in again.fields}
                lost = [one for one in names if one in paper.typed() and (one, wanted) not in held]
                if lost:
                    self.wrong.append(f"{where}: what was typed is lost in {lost}")
                return


def pattern_of(action: str) -> str:
    """The route that an address belongs to; the address itself when it is none's."""
    path = action.partition("?")[0]
    for _, route in FORMS:
        if route.path_regex.fullmatch(path):
            return route.path
    return action


@pytest.fixture(scope="module")
def attacked() -> dict[str, set[str]]:
    """Pattern → the fields of its form that were attacked: another scene adds its own alone."""
    return {}


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """Scene → the patterns of the forms on it, of those that were opened already."""
    return {}


def one_of_each(names: list[str]) -> list[str]:
    """The fields but the token; of those that differ by a number alone, the last; and one more."""
    told = {re.sub(r"\d+", "#", name): name for name in names if name != "form_token"}
    return [*told.values(), "cnry_unknown"]


@pytest.mark.parametrize("name", SCENES)
def test_a_hostile_text_in_any_field_is_a_text_and_no_fault(
    office: Office, attacked: dict[str, set[str]], shown: dict[str, set[str]], name: str
) -> None:
    attack = Attack(office, SCENES[name])
    shown[name] = {pattern for pattern, _, _ in attack.papers}
    patterns = [pattern for pattern, _, _ in attack.papers if pattern != "/sign-out"]
    assert patterns, "no form stands in this scene"
    for pattern in dict.fromkeys(patterns):
        found = attack.paper(pattern)
        assert found is not None, f"{pattern} stands in this scene no more"
        fields = one_of_each(found[1].names)
        if pattern not in attacked:
            attack.send_raw(pattern)
        done = attacked.setdefault(pattern, set())
        for field in fields:
            if field not in done:
                attack.send(pattern, "mixed", hostile.MIXED, field)
        if found[1].typed() and not done.issuperset(fields):
            tried = Random().sample([*hostile.TEXTS.items()], TEXTS_TRIED)  # noqa: S311 -- which texts
            for what, text in tried:
                attack.send(pattern, what, text)
        done.update(fields)
    assert attack.wrong == [], "\n" + "\n".join(attack.wrong)


@pytest.mark.parametrize("sign", [b"x", b'"', b"\x01", b"%E3%81%82"], ids=repr)
def test_what_a_form_may_hold_a_draft_keeps(office: Office, sign: bytes) -> None:
    person = office.person("officer")
    body = f"form_token={person.form_token('/desk/new')}&channel=CNRY-begun&name=".encode()
    count = (BYTES_MAX - len(body)) // len(sign)
    headers = {**SAME_SITE, "content-type": _FORM}
    answer = person.client.post("/desk/new/draft", content=body + sign * count, headers=headers)
    assert answer.status_code in TAKEN
    found = sheet(person.get("/desk/new").text, "/desk/new").fields["name"]
    assert len(found[0]) == count


def test_every_form_stands_in_a_scene(office: Office, shown: dict[str, set[str]]) -> None:
    for name, scene in SCENES.items():
        if name not in shown:
            posted = read(scene.opened(office).text).posted()
            shown[name] = {pattern_of(action) for action, _ in posted}
    found = set[str]().union(*shown.values())
    wanted = {route.path for _, route in FORMS} - {BY_PROVIDER, UNKNOWN}
    missing = wanted - found
    assert not missing, f"add a scene to tests/attacks/scenes.py that shows: {sorted(missing)}"
    assert not found - wanted, "a form is sent where there is no page"
