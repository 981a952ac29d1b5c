"""The pages of what goes out, in every state: approval, post, keeping."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.doors.cases.desk import POST_NUMBER, today
from tests.pages.casework import Work, Worked
from tests.pages.sending import corrected, decided


def _back() -> dict[str, str]:
    return {"returned_on": today(), "reason": "unknown_address"}


def _delivered() -> dict[str, str]:
    return {"delivered_on": today()}


_HELD: Final = {
    "ground": "ART33_2_I",
    "reason": "第三者の権利利益を害するおそれがあるため",
    "causes": ["property"],
    "items": ["ITEMS"],
}


def _seen(tab: Tab, case: Worked, step: str, who: str) -> None:
    tab.sign_in(who, f"/desk/cases/{case.id}/{step}")


def _waiting(who: str) -> Callable[[Tab], None]:
    """Something is withheld, and nobody has opened the letter."""

    def go(tab: Tab) -> None:
        case, _ = decided(tab.office, Work(tab.office), withheld=[dict(_HELD)])
        _seen(tab, case, "approval", who)

    return go


def _approved(step: str, who: str) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        case = Work(tab.office).begun().submitted().do("approve", by="approver")
        _seen(tab, case, step, who)

    return go


def _defects(tab: Tab) -> None:
    _approved("post", "officer")(tab)
    tab.page.locator("#item_number").fill("12-34")
    tab.page.locator("#dispatched_on_year").fill("2020")
    tab.page.get_by_role("button", name="発送済みにする").click()
    tab.page.locator("#errors").wait_for()


def _sent(
    step: str, who: str, *doors: tuple[str, Callable[[], dict[str, str]]]
) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        case = Work(tab.office).begun().dispatched()
        for door, body in doors:
            case.do(door, body())
        _seen(tab, case, step, who)

    return go


def _to_print(tab: Tab) -> None:
    """One is ticked by keys alone."""
    Work(tab.office).begun().submitted().do("approve", by="approver")
    tab.sign_in("officer", "/desk?tab=dispatch")
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("x")
    tab.page.locator("input[name=case]:checked").wait_for()


def _unprinted(tab: Tab) -> None:
    """A case that cannot be printed is among those that are."""
    changed, record = decided(tab.office, Work(tab.office))
    changed.do("approve", by="approver")
    corrected(tab.office, record)
    ready = Work(tab.office).begun().submitted().do("approve", by="approver")
    tab.sign_in("officer", "/desk?tab=dispatch")
    # In this tab, to be looked at.
    tab.page.locator("#printing").evaluate("form => form.removeAttribute('target')")
    for case in (changed, ready):
        tab.page.locator(f"input[value='{case.id}'][name=case]").check()
    tab.page.get_by_role("button", name="選んだ請求を印刷する").click()
    tab.page.locator("#refused").wait_for()


def _unproved(tab: Tab) -> None:
    """What was ticked waits until it is known again who ticked it."""
    case = Work(tab.office).begun().submitted().do("approve", by="approver")
    tab.sign_in("officer", "/desk?tab=dispatch")
    tab.office.age_proofs()
    # In this tab, to be looked at.
    tab.page.locator("#printing").evaluate("form => form.removeAttribute('target')")
    tab.page.locator(f"input[value='{case.id}'][name=case]").check()
    tab.page.get_by_role("button", name="選んだ請求を印刷する").click()
    tab.page.get_by_role("link", name="認証サービスで確認する").click()
    tab.page.locator("button[value=officer]").click()
    tab.page.get_by_text("ご本人の確認が済みました").wait_for()


def _on_medium(tab: Tab) -> None:
    case, _ = decided(tab.office, Work(tab.office), medium="electronic")
    case.do("approve", by="approver")
    _seen(tab, case, "post", "officer")
    tab.page.get_by_text("パスワードのお知らせ").first.wait_for()


def _password_to_come(tab: Tab) -> None:
    """The medium went, and its password goes later; a number was typed that is none."""
    case, _ = decided(tab.office, Work(tab.office), medium="electronic")
    case.do("approve", by="approver")
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    _seen(tab, case, "keeping", "officer")
    tab.page.locator("#password_number").fill("12-34")
    tab.page.get_by_role("button", name="お知らせの発送を登録する").click()
    tab.page.locator("#password_number-error").wait_for()


def _delivered_first(tab: Tab) -> None:
    """Somebody else put down that the letter came back, before the day of delivery was sent."""
    case = Work(tab.office).begun().dispatched()
    _seen(tab, case, "keeping", "officer")
    for part, text in zip(("year", "month", "day"), today().split("-"), strict=True):
        tab.page.locator(f"#delivered_on_{part}").fill(text)
    case.do("returned-mail", _back(), by="colleague")
    tab.page.get_by_role("button", name="配達済みとして完了する").click()
    tab.page.get_by_role("table", name="異なる項目").wait_for()


def _unreasoned(tab: Tab) -> None:
    _sent("evidence", "officer")(tab)
    tab.page.get_by_role("button", name="ダウンロードする").click()
    tab.page.locator("#errors").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "approval, to open": _waiting("approver"),
    "work list, to print": _to_print,
    "printing, refused": _unprinted,
    "printing, after a proof": _unproved,
    "post, on a medium": _on_medium,
    "keeping, a password to come": _password_to_come,
    "post, defects": _defects,
    "keeping, closed": _sent("keeping", "officer", ("delivery", _delivered)),
    "evidence, without a reason": _unreasoned,
    "keeping, somebody was first": _delivered_first,
}
"""Name → how to get there."""
