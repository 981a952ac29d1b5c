"""監査ログ, 本人の履歴 and 利用者と鍵 in every state that they have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from api.auth import make, person_owner
from ledger.clock import now
from tests.browser.looking import Tab
from tests.browser.record_places import LONG, dated, several
from tests.doors.samples import receipt
from tests.pages.casework import Work
from tests.pages.histories import api_history, entrusted, head, whose
from tests.pages.office import Office
from tests.pages.recorded import Identifier, linked, member
from tests.pages.test_links import link, unlink
from tests.rows import key_table

_AUDIT: Final = "/desk/audit"
_ACTS: Final = "/desk/audit/acts"


def _looked(office: Office, who: Identifier, case: str) -> None:
    key = office.key("records:read", owner="officer")
    reason = "とても長い理由。" * 20
    body = {"identifiers": [who], "case": case, "reason": reason}
    assert office.api("POST", "/v1/histories", key, body).status_code == 200


def _audit(tab: Tab) -> None:
    case, who = whose(Work(tab.office), *several())
    _looked(tab.office, who, case.number)
    _looked(tab.office, who, "C-of-another-system-with-a-long-name-0000000000000000000000000001")
    tab.sign_in("auditor", _AUDIT)
    tab.page.get_by_role("heading", name="閲覧の記録").wait_for()


def _audit_narrowed(tab: Tab) -> None:
    _audit(tab)
    tab.page.get_by_role("button", name="この人だけ").first.click()
    tab.page.wait_for_function("document.querySelector('#actor').value.length === 32")


def _acts(tab: Tab) -> None:
    Work(tab.office).begun().dispatched()
    linked(tab.office, member(), member())
    tab.sign_in("auditor", _ACTS)
    tab.page.get_by_role("heading", name="操作の記録").wait_for()


def _acts_narrowed(tab: Tab) -> None:
    _acts(tab)
    tab.page.get_by_role("button", name="この請求だけ").first.click()
    tab.page.wait_for_function("document.querySelector('#case').value !== ''")


def _shown(*press: str, reason: str = "開示の内容を確認するため") -> Callable[[Tab], None]:
    """A history of long names, periods and every kind of record; some buttons are pressed then."""

    def go(tab: Tab) -> None:
        case, who = whose(
            Work(tab.office),
            *several(),
            *(dated(f"2024-{month:02}-11") for month in range(1, 13)),
            receipt(transferred_on="2025-07-01", counterparty=LONG),
            entrusted(counterparty={**LONG, "party_id": "long"}),
        )
        api_history(tab.office, who, after=head(tab.office))
        tab.sign_in("officer", f"/desk/cases/{case.id}/history")
        tab.page.locator("#reason").fill(reason)
        for button in press:
            with tab.page.expect_navigation():
                tab.page.get_by_role("button", name=button).click()
        if press:
            tab.page.locator("#h-found" if reason else "#errors").wait_for()
        for details in tab.page.locator("details").all()[:2]:
            details.locator("summary").click()

    return go


def _links_overtaken(tab: Tab) -> None:
    """A colleague linked the pair and took it apart, before it was linked here."""
    case, who = whose(Work(tab.office), who=member())
    other = {"scheme": "contract", "id": f"{who['id']}-K"}
    tab.sign_in("officer", f"/desk/cases/{case.id}/links")
    tab.page.locator("#scheme_b").select_option(other["scheme"])
    tab.page.locator("#id_b").fill(other["id"])
    tab.page.locator("#evidence").fill("申込書の写しで同じ方と確認した。" * 10)
    colleague = tab.office.person("colleague")
    assert link(colleague, case, other)[0] == 303
    assert unlink(colleague, case)[0] == 303
    tab.page.get_by_role("button", name="名寄せする").click()
    tab.page.get_by_text("この組の経過").wait_for()


def _keys(tab: Tab) -> None:
    table = key_table(tab.office.urls.owner)
    source = "https://platform.example.jp/" + "long/" * 20
    for label, ago, days in (("ads-platform", 0, 20), ("old", 40, 30), ("revoked", 0, 90)):
        key, _ = make(
            label,
            frozenset(("events:write", "coverage:write", "events:read.own")),
            source,
            at=now() - timedelta(days=ago),
            days=days,
            owner=person_owner("e-0042"),
        )
        table.add(key)
    table.revoke(key.id, now())
    tab.sign_in("operator", "/desk/keys")
    tab.page.get_by_role("heading", name="API の鍵").wait_for()


def _keys_to_revoke(tab: Tab) -> None:
    """What is asked before a key is revoked, opened by a key of the keyboard."""
    _keys(tab)
    tab.page.locator("details summary").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text("元に戻せません").first.wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "audit, one person": _audit_narrowed,
    "acts, one case": _acts_narrowed,
    "history": _shown("履歴を表示する"),
    "links, somebody was first": _links_overtaken,
    "keys, to revoke": _keys_to_revoke,
}
"""Name → how to get there."""
