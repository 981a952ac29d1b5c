"""記録の特定 and 回答内容の確認 in every state that they have; each place has a case of its own."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

from ledger.cases.points import KINDS
from tests import canary
from tests.browser.looking import Tab
from tests.doors.samples import RECIPIENT, provision, receipt
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, Identifier, linked, member, sent, verified

NAME, OTHER = canary.APPLICANT, canary.STRANGER
LONG: Final = {
    **RECIPIENT,
    "name": "株式会社見本とても長い名前の広告配信プラットフォーム運営ホールディングス",
    "address": "北海道札幌市中央区北一条西二丁目見本大通公園前ビルディング東館二十三階",
}


def dated(day: str, **changes: object) -> dict[str, Any]:
    """A provision of which the day is told."""
    return provision(transferred_on=day, consent={"obtained": False}, **changes)


def named(who: Identifier, name: str = NAME) -> list[dict[str, str]]:
    return [{**who, "name": name}]


def searched(
    office: Office, *, other: bool = False, records: bool = True, name: str = NAME
) -> Worked:
    """A verified request; with records, of another name too."""
    who, phone = member(), {"scheme": "phone", "id": member()["id"]}
    if records:
        sent(office, *(one(principals=named(who, name)) for one in (provision, receipt)))
        linked(office, who, {"scheme": "contract", "id": f"{who['id']}-K"})
    if other:
        sent(office, provision(principals=named(phone, OTHER)))
    return verified(Work(office), who, *((phone,) if other else ()), name=name)


def reviewed(office: Office, *data: dict[str, Any], **changes: object) -> Worked:
    """A case whose records are these."""
    who = member()
    if data:
        sent(office, *({**one, "principals": named(who)} for one in data))
    case = verified(Work(office), who, name=NAME, **changes)
    door = "person" if "kind" in changes else "principal"
    return case.do(door, {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"})


def answer_points(page: Page) -> None:
    """Say of each point on the page of a decision that it bears on nothing."""
    for kind in KINDS:
        choice = page.locator(f"[name=point_{kind}][value=none]")
        if choice.count():
            choice.check()
            page.locator(f"[name=point_{kind}_because]").fill("内容を確認した")


def several() -> list[dict[str, Any]]:
    """Records that fold, and some that do not, of both sides."""
    return [
        *(dated(f"2026-01-0{n}") for n in range(1, 5)),
        dated("2026-02-01", counterparty=LONG, items=[f"項目その{n}" for n in range(30)]),
        provision(),
        receipt(acquisition="本人が申込書に記入した内容を、提携先を通じて取得"),
    ]


def _to(step: str, make: Callable[[Office], Worked]) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        case = make(tab.office)
        tab.sign_in("officer", f"/desk/cases/{case.id}/{step}")

    return go


def _nobody_named(tab: Tab) -> None:
    _to("records", lambda office: searched(office, other=True))(tab)
    tab.page.get_by_label("候補2", exact=False).first.check()
    tab.page.get_by_role("button", name="この方の記録として特定する").click()
    tab.page.locator("#errors").wait_for()


def _withheld(tab: Tab) -> None:
    _to("decision", lambda office: reviewed(office, *several()))(tab)
    tab.page.get_by_label("記録番号1～4を選ぶ").check()
    tab.page.get_by_role("button", name="選んだ記録を不開示に加える").click()
    tab.page.get_by_role("button", name="承認に回す").click()
    tab.page.locator("#errors").wait_for()


def _unprintable(tab: Tab) -> None:
    def rare(office: Office) -> Worked:
        who = member()
        found = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
        return verified(Work(office), who, name=canary.RARE).do("principal", found)

    _to("decision", rare)(tab)
    tab.page.get_by_role("button", name="不存在の通知を作成").click()
    tab.page.get_by_role("heading", name="印字できない文字").wait_for()


def _no_measure(tab: Tab) -> None:
    _to("decision", lambda office: reviewed(office, kind="provision_stop"))(tab)
    tab.page.get_by_role("button", name="承認に回す").click()
    tab.page.locator("#errors").wait_for()


def _decided_first(tab: Tab) -> None:
    """Somebody else asked for the approval, before what was typed was sent."""
    case = reviewed(tab.office, *several())
    _to("decision", lambda _: case)(tab)
    tab.page.get_by_label("記録番号1～4を選ぶ").check()
    tab.page.get_by_role("button", name="選んだ記録を不開示に加える").click()
    tab.page.get_by_label("本人または第三者の生命", exact=False).first.check()
    tab.page.get_by_label("不開示1の理由", exact=False).fill("第三者の権利利益を害するおそれ")
    case.do("decisions", {}, by="colleague").do("submit", by="colleague")
    tab.page.get_by_role("button", name="承認に回す").click()
    tab.page.get_by_role("table", name="異なる項目").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "records, another name": _nobody_named,
    "decision, withheld": _withheld,
    "decision, unprintable": _unprintable,
    "decision, somebody was first": _decided_first,
    "decision, measures": _no_measure,
}
"""Name → how to get there."""
