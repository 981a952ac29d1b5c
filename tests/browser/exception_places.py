"""One record with findings and its forms, in every state that they have."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.looking import Tab
from tests.doors.samples import RECIPIENT
from tests.pages.watching import day, recorded

LAWLESS: Final = {"consent": {"obtained": False}}
LONG: Final[dict[str, Any]] = {
    "counterparty": {
        **RECIPIENT,
        "name": "株式会社見本とても長い名前の広告配信プラットフォーム運営ホールディングス",
        "address": "北海道札幌市中央区北一条西二丁目見本大通公園前ビルディング東館二十三階",
        "party_id": "partner-" + "x" * 80,
        "representative": None,
        "corporate_number": "7000012050002",
    },
    "items": [f"項目その{n}" for n in range(30)],
    "consent": {"obtained": True, "at": "2099-01-01T00:00:00+09:00", "evidence": "log-" * 20},
    "purpose": "広告の効果を測るため。" * 20,
    "contract_reference": "契約書\n別紙",
    "derived_from": ["R-" + "9" * 60, "R-2"],
    "contract_missing_items": ["DATE", "ITEMS"],
    "delivery": "api",
    "recorded_on": day(1),
    "special_care": True,
}
"""A record with something in most of its members."""


_WHO: Final = [{"scheme": "member", "id": f"CNRY-M-SEEN-{n}"} for n in (1, 2)]
_TWO: Final[dict[str, Any]] = {**LAWLESS, "principals": _WHO}
_SETTLED: Final = (
    "findings/settled",
    {
        "codes": ["CONSENT_NOT_OBTAINED"],
        "action": "reported",
        "reason": "10月2日に委員会へ報告した。" * 10,
    },
)


def _address(tab: Tab, end: str = "", **changes: object) -> str:
    transfer = recorded(tab.office, **(changes or LAWLESS))["transfer"]
    return f"/desk/exceptions/{transfer}{end}"


def _to(end: str = "", **changes: object) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        tab.sign_in("officer", _address(tab, end, **changes))

    return go


def _sent(end: str, fill: Callable[[Page], None], button: str, wait: str) -> Callable[[Tab], None]:
    """A form that is filled in and sent; `wait`: what the page then shows."""

    def go(tab: Tab) -> None:
        _to(end)(tab)
        fill(tab.page)
        tab.page.get_by_role("button", name=button, exact=True).click()
        tab.page.locator(wait).first.wait_for()

    return go


def _nothing(page: Page) -> None:
    """Nothing is typed."""
    assert page.url


def _wrong(page: Page) -> None:
    page.locator("#counterparty_country").fill("日本")
    page.locator("#items").fill("")
    page.locator("#recorded_on_year").fill("二千")
    page.locator("summary", has_text="契約書等・省略").click()
    page.locator("#base_record").fill("R-1")


def _settlement(page: Page) -> None:
    page.get_by_label("提供を停止した").check()
    page.locator("#reason").fill("10月1日に提供を止めた。" * 10)


def _by_a_colleague(tab: Tab, address: str, end: str, body: dict[str, Any]) -> None:
    key = tab.office.key("records:write", owner="colleague")
    path = f"/v1/transfers/{address.rpartition('/')[2]}/{end}"
    assert tab.office.api("POST", path, key, body).status_code == 200


def _overtaken(
    end: str,
    fill: Callable[[Page], None],
    button: str,
    theirs: tuple[str, dict[str, Any]],
    then: Callable[[Page], None] | None = None,
) -> Callable[[Tab], None]:
    """A form that is sent after a colleague was first; `then`: it is sent once more, filled so."""

    def go(tab: Tab) -> None:
        address = _address(tab, **_TWO)
        tab.sign_in("officer", f"{address}/{end}")
        fill(tab.page)
        _by_a_colleague(tab, address, *theirs)
        tab.page.get_by_role("button", name=button, exact=True).click()
        tab.page.locator("#conflict").wait_for()
        if then is not None:
            then(tab.page)
            tab.page.get_by_role("button", name=button, exact=True).click()
            tab.page.locator("#errors").wait_for()

    return go


def _no_reason(page: Page) -> None:
    page.locator("#reason").fill("")


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "a record, long": _to(**LONG),
    "correction, defects": _sent("/correction", _wrong, "訂正する", "#errors"),
    "settlement, overtaken and wrong": _overtaken(
        "settlement", _settlement, "対応を記録する", _SETTLED, _no_reason
    ),
    "persons, defects": _sent("/person", _nothing, "本人を訂正する", "#errors"),
    "basis, defects": _sent("/basis", _nothing, "根拠を変更する", "#errors"),
    "retraction, defects": _sent("/retraction", _nothing, "取り消す", "#errors"),
}
"""Name → how to get there."""
