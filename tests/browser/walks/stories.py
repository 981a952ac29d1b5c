"""The stages of a case, each gone through on the pages by one person's hands.

What a stage costs in activations is said where a test adds them up.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from playwright.sync_api import Browser, expect

from ledger.clock import day_in_japan, now
from tests.browser.looking import Tab, tab
from tests.browser.walks.hands import Keyboard, Mouse, beside, seated
from tests.canary import NAME
from tests.doors.answering import SOMEBODY_ELSE
from tests.doors.cases.desk import POST_NUMBER
from tests.pages.casework import Work
from tests.pages.looked import ADDRESS, ADDRESSES, day, row
from tests.pages.office import Office
from tests.pages.recorded import Identifier


def day_of_work() -> date:
    return day_in_japan(now())


def day_of_issue() -> date:
    return day_of_work() - timedelta(days=9)


FULL_CASE: Final = 9
"""Activations of a full case by two persons, papers aside: the officer's flow, 3.5."""
_CASE: Final = re.compile(r"/desk/cases/([0-9a-f-]{36})/")


@dataclass(slots=True)
class Walk:
    """One story: who takes part, and the case that it is about.

    Attributes:
        open: gives the hands of one more person, who has signed in.
    """

    office: Office
    open: Callable[[str], Keyboard | Mouse]
    people: dict[str, Keyboard | Mouse] = field(default_factory=dict[str, Keyboard | Mouse])
    case: str = ""

    def of(self, who: str) -> Keyboard | Mouse:
        """The hands of somebody, from their work list on."""
        if who not in self.people:
            self.people[who] = self.open(who)
        return self.people[who]

    def told(self) -> dict[str, Any]:
        """The case as the door of the API tells it: what was truly written."""
        key = Work(self.office).key("officer")
        answer = self.office.api("GET", f"/v1/cases/{self.case}", key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def events(self) -> list[str]:
        return [one["type"] for one in self.told()["events"]]

    @property
    def activations(self) -> list[str]:
        """Of everybody, person by person."""
        return [one for hands in self.people.values() for one in hands.counts.activations]

    def at(self, who: str, step: str) -> None:
        """Wait until somebody's page is that step of the case."""
        self.of(who).tab.page.wait_for_url(f"**/desk/cases/{self.case or '*'}/{step}")

    def cost(self, activations: int, marks: Mapping[str, int] | None = None) -> None:
        """What the story took, of everybody together: activations, and marks a person.

        By keyboard, nobody has touched a mouse, and no browser has complained.
        """
        for hands in self.people.values():
            # What a page has counted reaches us before the answer to what it is asked after that.
            hands.tab.page.evaluate("() => 0")
        assert len(self.activations) == activations, self.activations
        for who, count in (marks or {}).items():
            assert len(self.of(who).counts.marks) == count, self.of(who).counts.marks
        for hands in self.people.values():
            assert hands.tab.complaints == []
            if isinstance(hands, Keyboard):
                assert hands.counts.mouse == []


@contextmanager
def walk(
    browser: Browser,
    office: Office,
    kind: type[Keyboard | Mouse] = Keyboard,
    *,
    scripts: bool = True,
) -> Generator[Walk]:
    """A story; each person has a browser context of their own. Without scripts nothing counts."""
    with ExitStack() as closing:

        def opened(who: str) -> Keyboard | Mouse:
            new: Tab = closing.enter_context(tab(browser, office, java_script_enabled=scripts))
            return seated(kind, new, who)

        yield Walk(office, opened)


def takes_in(walk: Walk, who: Identifier, /, **more: object) -> None:
    """S0, S1: two activations. `more`: what differs, by the field of the page."""
    hands = walk.of("officer")
    hands.key_or_click("n", 'main a[href="/desk/new"]')
    hands.tab.page.wait_for_url("**/desk/new")
    form: dict[str, object] = {
        "name": NAME,
        "name_kana": "カグラザカ　カナリア",
        **day("birth_date", date(1989, 1, 7)),
        "address": ADDRESS,
        "phone": None,
        "scheme-1": who["scheme"],
        "identifier-1": who["id"],
        "requester": "self",
        "agent_name": None,
        "agent_address": None,
        "representation": None,
        "representative_name": None,
        "representative_address": None,
        "medium": "paper",
        "reply_address": "registered",
    }
    assert set(more) <= set(form), "in the order of the page"
    form |= more
    hands.fill({name: value for name, value in form.items() if value is not None})
    hands.primary()
    walk.at("officer", "papers")
    found = _CASE.search(hands.tab.page.url)
    assert found is not None
    walk.case = found[1]


def sees(walk: Walk, *papers: Mapping[str, object], **more: object) -> None:
    """Write down what is on the papers of the envelope; nothing is activated by it."""
    facts = {name: value for one in papers for name, value in one.items()}
    # Of an address that stands there is nothing to tick: it is typed.
    looked = {**ADDRESSES, "form_checked": "yes", **more}
    looked.pop("has_registered", None)
    wanted = [*facts, *looked]
    hands = walk.of("officer")
    order = hands.tab.page.evaluate(
        "() => [...new Set([...document.querySelectorAll('#look [name]')].map((one) => one.name))]"
    )
    assert set(wanted) <= set(order), set(wanted) - set(order)
    given = {**facts, **looked}
    hands.fill({name: given[name] for name in order if name in given})


def fits(walk: Walk, n: int) -> None:
    """The paper in row `n` is all in order: one activation."""
    hands = walk.of("officer")
    hands.press(f"すべて適（{n + 1}番目の書類）")
    hands.tab.page.locator(f'[name="p{n}_name"]:checked').wait_for()


def day_of_paper(n: int) -> dict[str, object]:
    """What is left to say of a paper that `fits`."""
    issued = day(f"p{n}_issued_on", day_of_issue())
    return {name: value for name, value in issued.items() if not name.endswith("_era")}


def paper(n: int, **facts: object) -> dict[str, object]:
    """A paper in row `n` on which everything is in order; the year is typed, not its era."""
    told = row(n, day_of_issue(), **facts)
    return {name: value for name, value in told.items() if not name.endswith("_era")}


def verifies(walk: Walk) -> None:
    """The end of S2: one activation, once the papers say so."""
    hands = walk.of("officer")
    expect(hands.tab.page.locator("#primary")).to_be_enabled()
    hands.primary()
    walk.at("officer", "records")


_UNANSWERED = """
    () => [...document.querySelectorAll('[name^="left_out_"], [name^="point_"]')]
        .filter((one) => one.type === 'radio' || (one.type === 'textarea' && !one.value))
        .map((one) => one.name)
"""


def says(walk: Walk) -> None:
    """What the page asks for besides: of namesakes, and of what may make the answer wrong."""
    hands = walk.of("officer")
    names = dict.fromkeys(hands.tab.page.evaluate(_UNANSWERED))
    is_reason = {name: name.startswith("left_out_") or name.endswith("_because") for name in names}
    hands.fill({name: SOMEBODY_ELSE if text else "none" for name, text in is_reason.items()})


def identifies(walk: Walk) -> None:
    """S3: one activation where one candidate is found."""
    says(walk)
    walk.of("officer").primary()
    walk.at("officer", "decision")


def submits(walk: Walk) -> None:
    """S4: one activation; the page then waits for the second person."""
    hands = walk.of("officer")
    says(walk)
    hands.primary()
    walk.at("officer", "approval")
    hands.tab.page.locator("#waiting").wait_for(state="attached")


def approves(walk: Walk) -> None:
    """S5: two activations of a second person. The letter opens with the case, and is read."""
    hands = walk.of("approver")
    page = hands.tab.page
    with beside(hands):
        hands.open_row(walk.case)
        page.wait_for_url(f"**/desk/cases/{walk.case}/approval*")
    page.locator("#approve [data-primary]").wait_for()
    hands.primary()
    page.get_by_text("承認済みです").wait_for()


def posts(walk: Walk) -> None:
    """S6: two activations. The page of who prepared it led here by itself."""
    walk.at("officer", "post")
    hands = walk.of("officer")
    with beside(hands):
        hands.key_or_click("p", "#print")
    # As a scanner does it: the digits, and Enter, which leads on to the day.
    hands.fill({"item_number": f"A{POST_NUMBER.replace('-', '')}A"})
    hands.tab.page.keyboard.press("Enter")
    expect(hands.tab.page.locator("#dispatched_on_year")).to_be_focused()
    hands.primary()
    walk.at("officer", "keeping")


def to_the_post(walk: Walk) -> None:
    """S3 to S6: six activations."""
    for stage in (identifies, submits, approves, posts):
        stage(walk)


@dataclass(frozen=True, slots=True)
class Letter:
    """What went out, read from the files of the reply.

    Attributes:
        kind: of letter: FULL, PARTIAL, ….
        lines: one a record that it tells of.
        text: all of the files that are text.
    """

    kind: str
    lines: list[dict[str, Any]]
    text: str


def letter_of(walk: Walk) -> Letter:
    """The newest reply of the case, as it is kept."""
    answer = walk.office.person("officer").get(f"/desk/cases/{walk.case}/keeping/reply.zip")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        told = {name: files.read(name) for name in files.namelist()}
    text = "".join(told[name].decode("utf-8-sig") for name in told if not name.endswith(".pdf"))
    assert told["reply.pdf"].startswith(b"%PDF-")
    content = json.loads(told["records.json"])["content"]
    return Letter(content["kind"], content.get("lines", []), text)
