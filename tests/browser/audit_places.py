"""監査ログ, 本人の履歴 and 利用者と鍵 in every state that they have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from api.auth import make, person_owner
from ledger.clock import now
from tests.browser.looking import Tab
from tests.browser.record_places import LONG, NAME, dated, searched, several
from tests.doors.samples import receipt
from tests.pages.casework import Work
from tests.pages.histories import api_history, entrusted, head, whose
from tests.pages.office import Office
from tests.pages.recorded import Identifier, linked, member, verified
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


def _audit_nothing(tab: Tab) -> None:
    tab.sign_in("auditor", _AUDIT)
    tab.page.locator("#case").fill("no-such-case")
    tab.page.get_by_role("button", name="絞り込む").click()
    tab.page.get_by_text("条件に合う閲覧の記録はありません").wait_for()


def _audit_defects(tab: Tab) -> None:
    tab.sign_in("auditor", _AUDIT)
    tab.page.locator("#actor").fill("佐藤")
    tab.page.locator("#first_month").fill("13")
    tab.page.get_by_role("button", name="絞り込む").click()
    tab.page.locator("#errors").wait_for()


def _acts(tab: Tab) -> None:
    Work(tab.office).begun().dispatched()
    linked(tab.office, member(), member())
    tab.sign_in("auditor", _ACTS)
    tab.page.get_by_role("heading", name="操作の記録").wait_for()


def _acts_narrowed(tab: Tab) -> None:
    _acts(tab)
    tab.page.get_by_role("button", name="この請求だけ").first.click()
    tab.page.wait_for_function("document.querySelector('#case').value !== ''")


def _acts_nothing(tab: Tab) -> None:
    tab.sign_in("auditor", _ACTS)
    tab.page.locator("#case").fill("no-such-case")
    tab.page.get_by_role("button", name="絞り込む").click()
    tab.page.get_by_text("条件に合う操作の記録はありません").wait_for()


def _acts_defects(tab: Tab) -> None:
    tab.sign_in("auditor", _ACTS)
    tab.page.locator("#actor").fill("佐藤")
    tab.page.locator("#last_month").fill("13")
    tab.page.get_by_role("button", name="絞り込む").click()
    tab.page.locator("#errors").wait_for()


def _nobody_identified(tab: Tab) -> None:
    case = searched(tab.office)
    tab.sign_in("officer", f"/desk/cases/{case.id}/history")


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


def _nothing_recorded(tab: Tab) -> None:
    case, _ = whose(Work(tab.office), who=member())
    tab.sign_in("officer", f"/desk/cases/{case.id}/history")
    tab.page.locator("#reason").fill("確認")
    tab.page.get_by_role("button", name="履歴を表示する").click()
    tab.page.get_by_text("この方の記録はありません").wait_for()


def _links(tab: Tab) -> None:
    """Links of long identifiers, one of them open to be taken away by the keyboard."""
    who = member()
    long = {"scheme": "email", "id": f"{who['id']}.{'long-name.' * 15}@cnry.example"}
    for other in (long, {"scheme": "contract", "id": f"{who['id']}-K"}):
        linked(tab.office, who, other)
    case = verified(Work(tab.office), who, name=NAME)
    tab.sign_in("officer", f"/desk/cases/{case.id}/links")
    tab.page.locator("summary", has_text="解除する").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.get_by_label("別の方とする根拠").first.wait_for()


def _links_refused(tab: Tab) -> None:
    _links(tab)
    tab.page.locator("form[action$=unlink] button").first.click()
    tab.page.get_by_role("alert").wait_for()


def _links_defects(tab: Tab) -> None:
    _links(tab)
    tab.page.get_by_role("button", name="名寄せする").click()
    tab.page.locator("#errors").wait_for()


def _links_undone(tab: Tab) -> None:
    """A reply showed what is another person's, as is known now."""
    case, who = whose(Work(tab.office), who=member())
    phone = {"scheme": "phone", "id": member()["id"]}
    linked(tab.office, who, phone)
    tab.sign_in("officer", f"/desk/cases/{case.id}/links")
    tab.page.locator("summary", has_text="解除する").click()
    tab.page.get_by_label("別の方とする根拠").fill("番号の書き間違い")
    tab.page.locator("form[action$=unlink] button").click()
    tab.page.get_by_text("名寄せを解除しました").wait_for()


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


def _links_none(tab: Tab) -> None:
    case = Work(tab.office).begun(identifiers=[])
    tab.sign_in("officer", f"/desk/cases/{case.id}/links")
    tab.page.get_by_text("名寄せされた識別子はありません").wait_for()


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


def _keys_command(tab: Tab) -> None:
    _keys(tab)
    tab.page.locator("#label").fill(
        "a-very-long-name-of-a-system-that-sends-transfers-to-the-ledger"
    )
    tab.page.locator("input[name=scope][value='events:write']").check()
    tab.page.locator("#source_prefix").fill(f"https://{'platform-' * 12}.example.jp/ad-export")
    tab.page.get_by_role("button", name="コマンドを表示する").click()
    tab.page.locator("#command").wait_for()


def _keys_defects(tab: Tab) -> None:
    _keys(tab)
    tab.page.get_by_role("button", name="コマンドを表示する").click()
    tab.page.locator("#errors").wait_for()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "audit": _audit,
    "audit, one person": _audit_narrowed,
    "audit, nothing": _audit_nothing,
    "audit, defects": _audit_defects,
    "acts": _acts,
    "acts, one case": _acts_narrowed,
    "acts, nothing": _acts_nothing,
    "acts, defects": _acts_defects,
    "history, nobody identified": _nobody_identified,
    "history, asked why": _shown(),
    "history, defects": _shown("履歴を表示する", reason=""),
    "history": _shown("履歴を表示する"),
    "history, before the last change": _shown(
        "履歴を表示する", "一つ前の変化より前の時点", "最新の時点に戻す"
    ),
    "history, nothing recorded": _nothing_recorded,
    "links": _links,
    "links, refused": _links_refused,
    "links, defects": _links_defects,
    "links, undone": _links_undone,
    "links, somebody was first": _links_overtaken,
    "links, none": _links_none,
    "keys": _keys,
    "keys, to revoke": _keys_to_revoke,
    "keys, the command": _keys_command,
    "keys, defects": _keys_defects,
}
"""Name → how to get there."""
