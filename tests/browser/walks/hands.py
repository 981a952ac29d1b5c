"""How somebody goes through the pages: by keyboard alone, or with a mouse; one vocabulary."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import Tab
from tests.browser.walks.counting import Counts, counted

_STOPS_MAX: Final = 400
"""Of the key Tab, until something has the focus: more than any page has."""
_OPTIONS_MAX: Final = 60
# What has the focus: its name and id, its kind, its value, whether it is ticked, its words.
_FOCUSED: Final = """(() => {
  const one = document.activeElement;
  return {
    name: one.name || "", id: one.id, kind: one.type || one.tagName.toLowerCase(),
    value: one.value ?? "", checked: Boolean(one.checked), href: one.getAttribute("href") || "",
    words: (one.textContent || "").replace(/\\s+/g, " ").trim(),
  };
})()"""
_WRITTEN: Final = frozenset(("text", "search", "tel", "textarea"))


Focus = dict[str, Any]
"""What has the focus, as `_FOCUSED` tells it."""
OFF: Final = "off"
"""The value of a box that is not to be ticked any more."""


@contextmanager
def beside(hands: "Keyboard | Mouse") -> Generator[None]:
    """A document opens in a tab of its own; it is a PDF, and is closed again."""
    page = hands.tab.page
    with page.context.expect_page() as opening:
        yield
    letter = opening.value
    letter.wait_for_load_state()
    assert letter.evaluate("document.contentType") == "application/pdf"
    letter.close()
    page.bring_to_front()


@dataclass(slots=True)
class Keyboard:
    """By keyboard alone: nothing here touches an element otherwise than by keys."""

    tab: Tab
    counts: Counts

    @property
    def page(self) -> Page:
        return self.tab.page

    @property
    def focused(self) -> Focus:
        return self.page.evaluate(_FOCUSED)

    def key_or_click(self, key: str, what: str) -> None:
        del what
        assert self.focused["kind"] not in _WRITTEN, "letters in a field are letters"
        self.page.keyboard.press(key)

    def primary(self) -> None:
        self.page.keyboard.press("Control+Enter")

    def fill(self, fields: Mapping[str, object]) -> None:
        for name, value in fields.items():
            self._set(self._to(_at(name, str(value))), str(value))

    def press(self, words: str) -> None:
        self._to(
            lambda one: one["words"].startswith(words) and (one["href"] or one["kind"] == "submit")
        )
        self.page.keyboard.press("Enter")

    def open_row(self, case: str) -> None:
        """By `j` to the row, and Enter."""
        wanted = f"/desk/cases/{case}/next"
        for _ in range(_STOPS_MAX):
            self.page.keyboard.press("j")
            if self.focused["href"] == wanted:
                break
        else:
            raise AssertionError("no way to the row by j")
        self.page.keyboard.press("Enter")

    def _to(self, is_there: Callable[[Focus], bool]) -> Focus:
        """Press Tab until it has the focus."""
        for _ in range(_STOPS_MAX):
            one = self.focused
            if is_there(one):
                return one
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way there by Tab: {self.page.title()}")

    def _set(self, one: Focus, value: str) -> None:
        keyboard = self.page.keyboard
        if one["kind"] == "radio":
            self._choose(value)
        elif one["kind"] == "checkbox":
            assert one["checked"] == (value == OFF), one["name"]
            keyboard.press("Space")
        elif one["kind"] == "select-one":
            for _ in range(_OPTIONS_MAX):
                if self.focused["value"] == value:
                    return
                keyboard.press("ArrowDown")
            raise AssertionError(f"no option {value} of {one['id']}")
        else:
            assert one["kind"] in _WRITTEN, one
            keyboard.press("Control+a")
            # As an input method hands over what was composed.
            keyboard.insert_text(value)

    def _choose(self, value: str) -> None:
        """A choice is entered at its first answer, and moved on in by the arrows."""
        for _ in range(_OPTIONS_MAX):
            one = self.focused
            if one["value"] == value:
                if not one["checked"]:
                    self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no answer {value}")


@dataclass(slots=True)
class Mouse:
    """With a mouse: fields are filled in as before, everything else is clicked."""

    tab: Tab
    counts: Counts

    def key_or_click(self, key: str, what: str) -> None:
        del key
        self.tab.page.locator(what).click()

    def primary(self) -> None:
        self.tab.page.locator("[data-primary]:visible").first.click()

    def fill(self, fields: Mapping[str, object]) -> None:
        page = self.tab.page
        for name, value in fields.items():
            found = page.locator(f'[name="{name}"], input[id="{name}"], select[id="{name}"]')
            kind = found.first.evaluate("one => one.type")
            if kind == "radio":
                found.and_(_valued(page, value)).check()
            elif kind == "checkbox":
                box = found.first if value in ("yes", OFF) else found.and_(_valued(page, value))
                box.set_checked(value != OFF)
            elif kind == "select-one":
                found.first.select_option(str(value))
            else:
                found.first.fill(str(value))

    def press(self, words: str) -> None:
        page = self.tab.page
        page.get_by_role("button", name=words).or_(
            page.get_by_role("link", name=words)
        ).first.click()

    def open_row(self, case: str) -> None:
        self.tab.page.locator(f'a[data-open][href="/desk/cases/{case}/next"]').click()


def _at(name: str, value: str) -> Callable[[Focus], bool]:
    """Whether a field of that name or id has the focus; of several boxes, that of the value."""

    def is_there(one: Focus) -> bool:
        is_named = name in (one["name"], one["id"])
        is_one_of_several = one["kind"] == "checkbox" and value not in ("yes", OFF)
        return is_named and (not is_one_of_several or one["value"] == value)

    return is_there


def _valued(page: Page, value: object) -> Locator:
    return page.locator(f'[value="{value}"]')


def seated(kind: type[Keyboard | Mouse], tab: Tab, who: str) -> Keyboard | Mouse:
    """Somebody who has signed in and sees the work list; from here on it is counted."""
    counts = counted(tab.page, tab.office.url)
    tab.sign_in(who)
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    counts.begin()
    return kind(tab, counts)
