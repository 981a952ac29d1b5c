"""共同利用公表事項, from what is typed to what came of it."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.doors.corridor import fresh_id
from tests.doors.samples import RECIPIENT, REMOVED, notice
from tests.pages.publishing import NEW, PAGE, on
from tests.pages.watching import day, recorded

_LONG: Final = "例示とても長い名前の広告配信プラットフォーム運営ホールディングス" * 4
_BUTTON: Final = "内容を確かめる"


def _standing(tab: Tab, name: str) -> str:
    """A notice that stands; where its page is. It may stand from another place."""
    key = tab.office.key("notices:write", owner="chief")
    body = notice(notice_id=name, notes=["備考" * 60])
    told = tab.office.api("POST", "/v1/notices", key, body)
    if told.status_code == 200:
        return f"{PAGE}/{told.json()['position']}"
    there = tab.office.api("GET", "/v1/notices", key).json()["notices"]
    [found] = [one for one in there if one["notice_id"] == name]
    return f"{PAGE}/{found['positions'][0]}"


def _days(tab: Tab, **days: str) -> None:
    for name, text in days.items():
        for field, part in on(name, text).items():
            if not field.endswith("_era"):
                tab.page.locator(f"#{field}").fill(part)


def _look(tab: Tab) -> None:
    tab.page.get_by_role("button", name=_BUTTON).click()


def _defects(tab: Tab) -> None:
    tab.sign_in("chief", NEW)
    tab.page.locator("#title").fill(_LONG)
    tab.page.locator("#changed_year_1").fill("2026")
    _look(tab)
    tab.page.locator("#errors").wait_for()


def _typed(tab: Tab, name: str) -> None:
    """A version with long names, up to the button by which it is looked at."""
    address = _standing(tab, name)
    tab.sign_in("chief", f"{address}/publication")
    label = f"版 {fresh_id()}"
    tab.page.locator("#version").fill(label)
    _days(tab, in_force_from=day(20), published_on=day(30))
    tab.page.locator("#user_2").fill(_LONG)
    tab.page.locator("#listed_1").fill("\n".join(f"項目その{n}" for n in range(30)))
    _look(tab)
    tab.page.get_by_role("heading", name="前の公表との違い").wait_for()


def _not_ticked(tab: Tab) -> None:
    _typed(tab, "ju-not-ticked")
    tab.page.get_by_role("button", name="公表する").click()
    tab.page.locator("#errors").wait_for()


def _published(tab: Tab) -> None:
    _standing(tab, "ju-published")
    recorded(
        tab.office,
        transferred_on=day(5),
        basis="joint_use_27_5_iii",
        notice_id="ju-published",
        purpose="service",
        consent=REMOVED,
        counterparty={**RECIPIENT, "party_id": "group-travel"},
    )
    _typed(tab, "ju-published")
    tab.page.locator("#record_unlawful input").check()
    tab.page.get_by_role("button", name="公表する").click()
    tab.page.get_by_text("判定の見直しを待つ記録は").wait_for()


def _withdrawal_seen(tab: Tab) -> None:
    address = _standing(tab, "ju-withdrawal-seen")
    tab.sign_in("chief", f"{address}/withdrawal")
    _days(tab, day=day(0))
    tab.page.locator("#reason").fill("共同利用の終了。" * 30)
    _look(tab)
    tab.page.get_by_role("heading", name="取下げの確認").wait_for()


def _listed(tab: Tab) -> None:
    _standing(tab, "ju-listed")
    tab.sign_in("chief", PAGE)


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "a notice to be typed, defects": _defects,
    "a version with a change that is not allowed, not ticked": _not_ticked,
    "a notice that was published": _published,
    "a withdrawal that is looked at": _withdrawal_seen,
    "notices": _listed,
}
"""Name → how to get there."""
