"""An emitter that is registered, and a rejected item that is repaired, in the states they have."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.doors.samples import SOURCE
from tests.pages.watching import register, rejected


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


def _rejected_as_text(tab: Tab) -> None:
    _rejected(tab, data={"unknown_member": "x" * 90})
    tab.page.get_by_role("button", name="判定を確かめる").click()
    tab.page.locator("#errors").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "emitters, registering, overtaken": _registering_overtaken,
    "rejected item, checked": _rejected_checked,
    "rejected item, as text": _rejected_as_text,
}
"""Name → how to get there."""
