"""The states of 本人確認, and of a case whose forms are open: each makes its own case."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.doors.cases.desk import look, paper
from tests.pages.casework import Work, Worked


def _opened(tab: Tab, case: Worked, who: str = "officer") -> None:
    tab.sign_in(who, f"/desk/cases/{case.id}/papers")


def _correction(tab: Tab) -> None:
    case = Work(tab.office).begun().do("documents", look(paper("seal_certificate")))
    _opened(tab, case.do("correction-request"))
    tab.page.get_by_text("申請書の記載が補完・訂正されたとき").click()


def _conflict(tab: Tab) -> None:
    case = Work(tab.office).begun()
    _opened(tab, case)
    case.do("documents", look(), by="colleague")
    tab.page.locator("#note").fill("私の確認")
    tab.page.locator("#save").click()
    tab.page.locator("#conflict").wait_for()


def _forms(tab: Tab) -> None:
    case = Work(tab.office).begun()
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    for words in ("取下げを登録する", "死亡を登録する", "誤って登録した請求である"):
        tab.page.locator("summary").filter(has_text=words).click()


def _dismissed_first(tab: Tab) -> None:
    """A mistake was reported and dismissed meanwhile: the form may still be sent, with a defect."""
    work = Work(tab.office)
    case = work.begun()
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    tab.page.locator("summary").filter(has_text="誤って登録した請求である").click()
    tab.page.get_by_label("到達日の誤り").check()
    tab.page.locator("#entry_reason").fill("到達日を書き間違えた")
    case.reported(work.begun()).do("mistake-dismissal", {"reason": "別の二通"}, by="colleague")
    tab.page.get_by_role("button", name="誤登録を申し出る").click()
    tab.page.get_by_role("table", name="異なる項目").wait_for()
    tab.page.locator("#entry_reason").fill("")
    tab.page.get_by_role("button", name="誤登録を申し出る").click()
    tab.page.locator("#errors").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "papers, correction asked for": _correction,
    "papers, somebody was first": _conflict,
    "case with its forms": _forms,
    "case, somebody was first and a defect": _dismissed_first,
}
"""Name → how to get there."""
