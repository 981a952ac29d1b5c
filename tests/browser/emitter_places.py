"""An emitter that is registered, and a rejected item that is repaired, in the states they have."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.doors.samples import SOURCE
from tests.pages.watching import register, rejected


def _registering_defects(tab: Tab) -> None:
    register(tab.office, "ads", SOURCE)
    tab.sign_in("operator", "/desk/emitters")
    tab.page.locator("#source").fill(SOURCE)
    tab.page.get_by_role("button", name="登録する", exact=True).click()
    tab.page.locator("#errors").wait_for()


def _registering_overtaken(tab: Tab) -> None:
    """A colleague has renamed the emitter that somebody was about to end."""
    register(tab.office, "ads", SOURCE)
    tab.sign_in("operator", "/desk/emitters?emitter=ads")
    register(tab.office, "ads", SOURCE, name="広告配信基盤（新）")
    tab.page.get_by_role("button", name="改める", exact=True).click()
    tab.page.locator("#conflict").wait_for()


def _rejected(tab: Tab, *, data: dict[str, object] | None = None) -> None:
    persons = [{"scheme": "member", "id": f"CNRY-M-{n}-" + "x" * 60} for n in range(3)]
    kept = rejected(tab.office, principals=persons, **(data or {}))
    tab.sign_in("quarantine", "/desk/emitters/quarantine")
    tab.page.locator(f"#rejected-{kept} a").click()
    tab.page.get_by_role("heading", name="隔離された送信の修復").wait_for()


def _rejected_checked(tab: Tab) -> None:
    _rejected(tab, data={"consent": {"obtained": False}})
    tab.page.locator("#items").fill("氏名")
    tab.page.get_by_role("button", name="判定を確かめる").click()
    tab.page.get_by_role("heading", name="この内容の判定").wait_for()


def _rejected_refused(tab: Tab) -> None:
    _rejected(tab)
    tab.page.get_by_role("button", name="修復して記録する").click()
    tab.page.locator("#errors").wait_for()


def _rejected_as_text(tab: Tab) -> None:
    _rejected(tab, data={"unknown_member": "x" * 90})
    tab.page.get_by_role("button", name="判定を確かめる").click()
    tab.page.locator("#errors").wait_for()


def _rejected_gone(tab: Tab) -> None:
    """A colleague has discarded the item that somebody was mending."""
    _rejected(tab)
    kept = tab.page.url.rpartition("/")[2]
    tab.page.locator("#items").fill("氏名")
    for owner in ("approver", "officer"):
        key = tab.office.key("quarantine:write", owner=owner)
        tab.office.api("POST", f"/v1/quarantine/{kept}/discard", key)
    tab.page.get_by_role("button", name="修復して記録する").click()
    tab.page.locator("#conflict").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "emitters, registering, defects": _registering_defects,
    "emitters, registering, overtaken": _registering_overtaken,
    "rejected item": _rejected,
    "rejected item, checked": _rejected_checked,
    "rejected item, refused": _rejected_refused,
    "rejected item, as text": _rejected_as_text,
    "rejected item, discarded before": _rejected_gone,
}
"""Name → how to get there."""
