"""Every page, in the fullest state of each template: what is looked at for defects and reflow."""

from collections.abc import Callable
from typing import Final

from tests.browser import (
    audit_places,
    exception_places,
    notice_places,
    paper_places,
    record_places,
    register_places,
    sending_places,
    watching_places,
)
from tests.browser.looking import Tab
from tests.canary import NAME
from tests.pages.casework import Work

Go = Callable[[Tab], None]


def _plain(path: str) -> Go:
    return lambda tab: tab.go(path)


def _signed(path: str, who: str = "officer") -> Go:
    return lambda tab: tab.sign_in(who, path)


def _search(tab: Tab) -> None:
    Work(tab.office).begun()
    tab.sign_in("officer")
    tab.page.get_by_role("searchbox").fill(NAME)
    tab.page.get_by_role("button", name="検索").click()
    tab.page.get_by_role("heading", name="検索結果").wait_for()


def _revealed(tab: Tab) -> None:
    case = Work(tab.office).begun()
    tab.sign_in("officer")
    row = tab.page.locator(f"#row-{case.number}")
    row.get_by_role("button", name="氏名を表示").click()
    row.get_by_text("表示を記録しました").wait_for()


def _label(tab: Tab) -> None:
    tab.sign_in("officer", f"/desk/cases/{Work(tab.office).begun().id}/label")


def _reported(tab: Tab) -> None:
    work = Work(tab.office)
    tab.sign_in("approver", f"/desk/cases/{work.begun().reported(work.begun()).id}")


def _no_role(tab: Tab) -> None:
    tab.go("/desk")
    tab.page.get_by_role("link", name="認証サービスで").click()
    tab.page.locator("button[value=visitor]").click()
    tab.page.get_by_text("役割が割り当てられていません").wait_for()


def _signed_out(tab: Tab) -> None:
    tab.sign_in("officer")
    tab.page.get_by_role("button", name="サインアウト").click()
    tab.page.get_by_role("heading", name="サインアウトしました").wait_for()


def _defects(tab: Tab) -> None:
    tab.sign_in("reception", "/desk/new")
    tab.page.get_by_label("任意代理人", exact=True).check()
    tab.page.get_by_role("button", name="受付する").click()
    tab.page.locator("#errors").wait_for()


OF_CASES: Final[dict[str, Go]] = {
    "sign-in": _plain("/sign-in"),
    "sign-in without a role": _no_role,
    "signed out": _signed_out,
    "work list, name shown": _revealed,
    "search": _search,
    "label of a case": _label,
    "case that is said to be a mistake": _reported,
    "new request, defects": _defects,
    "no such page": _signed("/desk/no-such-page"),
    "what a problem means": _plain("/problems/duplicate-mismatch"),
    **paper_places.PLACES,
    **record_places.PLACES,
    **sending_places.PLACES,
}
"""Name → how to get there, of the work list and of cases; each place makes what it shows."""

OTHERS: Final[dict[str, Go]] = {
    **audit_places.PLACES,
    **exception_places.PLACES,
    **notice_places.PLACES,
    **register_places.PLACES,
    **watching_places.PLACES,
}

PLACES: Final[dict[str, Go]] = {**OF_CASES, **OTHERS}
