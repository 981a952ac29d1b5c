"""Every page in every state that it has: what is looked at for defects, reflow and colours."""

from collections.abc import Callable
from dataclasses import dataclass
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
from tests.pages.casework import RARE, SUBSTITUTE, Work, Worked
from tests.pages.office import Office


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases in states of their own."""

    received: Worked
    submitted: Worked
    dispatched: Worked
    reported: Worked
    in_error: Worked
    substituted: Worked


def made(office: Office) -> Cases:
    """Work until there is a case of each state."""
    work = Work(office)
    received = work.begun()
    rare = {"name": RARE, "address": "東京都千代田区永田町2-11-1"}
    return Cases(
        received,
        work.begun(form={"name": "渡邉 愛", "address": "東京都千代田区永田町2-11-1"}).submitted(),
        work.begun(identifiers=[{"scheme": "contract", "id": "CNRY-K-1"}]).dispatched(),
        work.begun().reported(received),
        work.begun().in_error(received),
        work.begun(form=rare).do("print-as", {"substitutes": [SUBSTITUTE]}, by="colleague"),
    )


def _signed(path: str, who: str = "officer") -> Callable[[Tab, Cases], None]:
    def go(tab: Tab, cases: Cases) -> None:
        tab.sign_in(who, path.format(cases=cases))

    return go


def _own(go: Callable[[Tab], None]) -> Callable[[Tab, Cases], None]:
    """A place that makes its own case."""

    def there(tab: Tab, cases: Cases) -> None:
        del cases
        go(tab)

    return there


def _plain(path: str) -> Callable[[Tab, Cases], None]:
    def go(tab: Tab, cases: Cases) -> None:
        del cases
        tab.go(path)

    return go


def _search(typed: str) -> Callable[[Tab, Cases], None]:
    def go(tab: Tab, cases: Cases) -> None:
        tab.sign_in("officer")
        tab.page.get_by_role("searchbox").fill(typed.format(cases=cases))
        tab.page.get_by_role("button", name="検索").click()
        tab.page.get_by_role("heading", name="検索結果").wait_for()

    return go


def _revealed(tab: Tab, cases: Cases) -> None:
    tab.sign_in("officer")
    row = tab.page.locator(f"#row-{cases.received.number}")
    row.get_by_role("button", name="氏名を表示").click()
    row.get_by_text("表示を記録しました").wait_for()


def _no_role(tab: Tab, cases: Cases) -> None:
    del cases
    tab.go("/desk")
    tab.page.get_by_role("link", name="認証サービスで").click()
    tab.page.locator("button[value=visitor]").click()
    tab.page.get_by_text("役割が割り当てられていません").wait_for()


def _signed_out(tab: Tab, cases: Cases) -> None:
    del cases
    tab.sign_in("officer")
    tab.page.get_by_role("button", name="サインアウト").click()
    tab.page.get_by_role("heading", name="サインアウトしました").wait_for()


def _defects(tab: Tab, cases: Cases) -> None:
    del cases
    tab.sign_in("reception", "/desk/new")
    tab.page.get_by_label("任意代理人", exact=True).check()
    tab.page.get_by_role("button", name="受付する").click()
    tab.page.locator("#errors").wait_for()


def _draft(tab: Tab, cases: Cases) -> None:
    del cases
    tab.sign_in("colleague", "/desk/new")
    tab.page.locator("#name").fill("下書 花子")
    tab.page.get_by_role("button", name="下書きを保存").click()
    tab.page.get_by_text("下書きから再開しています").wait_for()


DESK: Final[dict[str, Callable[[Tab, Cases], None]]] = {
    "sign-in": _plain("/sign-in"),
    "sign-in after the time is up": _plain("/sign-in?ended=1"),
    "sign-in once more": _plain("/sign-in?proof=1"),
    "sign-in without a role": _no_role,
    "signed out": _signed_out,
    "work list": _signed("/desk"),
    "work list, of others": _signed("/desk?tab=desk", "colleague"),
    "work list, no work of one's own": _signed("/desk?tab=own", "reception"),
    "work list, all": _signed("/desk?tab=all"),
    "work list, nothing": _signed("/desk?tab=correction"),
    "work list, name shown": _revealed,
    "work list, mistakes": _signed("/desk?tab=reported", "approver"),
    "work list, of who approves": _signed("/desk", "approver"),
    "search": _search("渡邉 愛"),
    "search, nothing": _search("nobody"),
    "case that has arrived": _signed("/desk/cases/{cases.received.id}"),
    "label of a case": _signed("/desk/cases/{cases.received.id}/label"),
    "papers of a new case": _signed("/desk/cases/{cases.received.id}/papers"),
    "papers, to read": _signed("/desk/cases/{cases.received.id}/papers", "approver"),
    "case to be approved": _signed("/desk/cases/{cases.submitted.id}", "approver"),
    "case that was answered": _signed("/desk/cases/{cases.dispatched.id}"),
    "case that is said to be a mistake": _signed("/desk/cases/{cases.reported.id}", "approver"),
    "case entered in error": _signed("/desk/cases/{cases.in_error.id}"),
    "case with other characters": _signed("/desk/cases/{cases.substituted.id}"),
    "new request": _signed("/desk/new", "reception"),
    "new request, defects": _defects,
    "new request, draft": _draft,
    "no such page": _signed("/desk/no-such-page"),
    "what a problem means": _plain("/problems/duplicate-mismatch"),
    "no such case": _signed("/desk/cases/0b0e2c5e-7a57-8000-8000-000000000001"),
    "not for this role": _signed("/desk/new", "approver"),
    "home of who audits": _signed("/desk", "auditor"),
}

OWN: Final[dict[str, dict[str, Callable[[Tab], None]]]] = {
    "audit": audit_places.PLACES,
    "exception": exception_places.PLACES,
    "notice": notice_places.PLACES,
    "paper": paper_places.PLACES,
    "record": record_places.PLACES,
    "register": register_places.PLACES,
    "sending": sending_places.PLACES,
    "watching": watching_places.PLACES,
}
"""Kind of place → name → how to get there; these make their own cases."""

PLACES: Final[dict[str, Callable[[Tab, Cases], None]]] = {
    **DESK,
    **{name: _own(go) for places in OWN.values() for name, go in places.items()},
}
"""Name → how to get there. Each kind is looked at by a file of its own."""

assert len(PLACES) == len(DESK) + sum(map(len, OWN.values())), "no two places have one name"
