"""One record with findings and its forms, in every state that they have."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.looking import Tab
from tests.canary import WATCHED
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
_ITEMS: Final = ("corrections", {"changes": {"items": ["氏名"]}, "reason": "項目の誤り"})
_CONSENT: Final = (
    "corrections",
    {"changes": {"consent": {"obtained": True}}, "reason": "同意書が見つかった"},
)
_FIRST_ALONE: Final = (
    "corrections",
    {"changes": {"principals": _WHO[:1]}, "reason": "別の方だった"},
)
_SETTLED: Final = (
    "findings/settled",
    {
        "codes": ["CONSENT_NOT_OBTAINED"],
        "action": "reported",
        "reason": "10月2日に委員会へ報告した。" * 10,
    },
)
_RETRACTED: Final = ("retraction", {"reason": "duplicate", "note": "二度送られた"})


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


def _consent(page: Page) -> None:
    page.locator("#consent_obtained").select_option("true")
    page.locator("#reason").fill("同意書が見つかった")


def _wrong(page: Page) -> None:
    page.locator("#counterparty_country").fill("日本")
    page.locator("#items").fill("")
    page.locator("#recorded_on_year").fill("二千")
    page.locator("summary", has_text="契約書等・省略").click()
    page.locator("#base_record").fill("R-1")


def _retraction(page: Page) -> None:
    page.get_by_label("二重の記録").check()
    page.locator("#reason").fill("二度送られた")
    page.get_by_label("この記録を取り消します", exact=False).check()


def _settlement(page: Page) -> None:
    page.get_by_label("提供を停止した").check()
    page.locator("#reason").fill("10月1日に提供を止めた。" * 10)


def _reason(page: Page) -> None:
    page.locator("#look_reason").select_option("inspection")


def _many_persons(tab: Tab) -> None:
    who: dict[str, Any] = {"scheme": "member", "id": "CNRY-M-SEEN-STOPPED"}
    key = tab.office.key("records:write", owner="officer")
    stop = {"principal": who, "kind": "consent_withdrawn", "day": day(0)}
    tab.office.api("POST", "/v1/directives", key, stop)
    many = [who, *({"scheme": "email", "id": f"{'x' * 50}{n}@cnry.example"} for n in range(60))]
    _to(principals=[{**one, "name": WATCHED} for one in many])(tab)
    _reason(tab.page)
    tab.page.get_by_role("button", name="本人を見る").click()
    tab.page.get_by_role("button", name="次の本人を見る").wait_for()


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


def _waited(tab: Tab) -> None:
    """What was sent after the time was up is there again, and nothing in it is confirmed."""
    address = _address(tab)
    tab.sign_in("officer", f"{address}/retraction")
    _retraction(tab.page)
    tab.office.let_sessions_lapse()
    tab.page.get_by_role("button", name="取り消す", exact=True).click()
    tab.page.get_by_role("link", name="認証サービスで").click()
    tab.page.locator("button[value=officer]").click()
    tab.page.get_by_text("下書きから再開しています").wait_for()


def _no_reason(page: Page) -> None:
    page.locator("#reason").fill("")


def _second_person(page: Page) -> None:
    page.get_by_label("この本人を、この記録から除く").check()
    page.locator("#who").select_option("2")
    page.get_by_label("除くときだけ選びます", exact=False).check()
    page.locator("#reason").fill("別の方だった")


def _unknown(tab: Tab) -> None:
    tab.sign_in("officer", "/desk/exceptions/0b0e2c5e-7a57-8000-8000-000000000001")


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "a record with a finding": _to(),
    "a record without findings": _to(delivery="api"),
    "a record, long": _to(**LONG),
    "a record, corrected": _sent("/correction", _consent, "訂正する", ".notice[role=status]"),
    "a record, retracted": _sent("/retraction", _retraction, "取り消す", ".notice[role=status]"),
    "a record, settled": _sent(
        "/settlement", _settlement, "対応を記録する", ".notice[role=status]"
    ),
    "a record, its persons": _many_persons,
    "a record, persons without a reason": _sent("", _nothing, "本人を見る", "#errors"),
    "correction": _to("/correction"),
    "correction, long": _to("/correction", **LONG),
    "correction, defects": _sent("/correction", _wrong, "訂正する", "#errors"),
    "correction, nothing changed": _sent("/correction", _nothing, "訂正する", "#errors"),
    "correction, overtaken": _overtaken("correction", _consent, "訂正する", _ITEMS),
    "correction, overtaken and wrong": _overtaken(
        "correction", _consent, "訂正する", _ITEMS, _no_reason
    ),
    "correction, of a record retracted since": _overtaken(
        "correction", _consent, "訂正する", _RETRACTED
    ),
    "persons, overtaken": _overtaken("person", _second_person, "本人を訂正する", _FIRST_ALONE),
    "retraction, overtaken": _overtaken("retraction", _retraction, "取り消す", _ITEMS),
    "retraction, waited": _waited,
    "settlement, overtaken": _overtaken("settlement", _settlement, "対応を記録する", _SETTLED),
    "settlement, overtaken and wrong": _overtaken(
        "settlement", _settlement, "対応を記録する", _SETTLED, _no_reason
    ),
    "settlement, of nothing that is left": _overtaken(
        "settlement", _settlement, "対応を記録する", _CONSENT
    ),
    "persons": _to("/person"),
    "persons, defects": _sent("/person", _nothing, "本人を訂正する", "#errors"),
    "basis": _to("/basis"),
    "basis, defects": _sent("/basis", _nothing, "根拠を変更する", "#errors"),
    "retraction": _to("/retraction"),
    "retraction, defects": _sent("/retraction", _nothing, "取り消す", "#errors"),
    "settlement": _to("/settlement"),
    "settlement, defects": _sent("/settlement", _nothing, "対応を記録する", "#errors"),
    "settlement, nothing to settle": _to("/settlement", delivery="api"),
    "no such record": _unknown,
}
"""Name → how to get there."""
