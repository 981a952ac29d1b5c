"""The states of the pages of those who watch: what each shows is made through the API."""

from collections.abc import Callable
from typing import Final

from tests.browser import emitter_places
from tests.browser.looking import Tab
from tests.doors.samples import RECIPIENT, SOURCE, notice
from tests.pages.casework import Work
from tests.pages.recorded import member
from tests.pages.watching import day, declare, recorded, register, rejected

HELD: Final = {"reason": "訴訟の提起", "reference": "令和8年(ワ)第1234号"}


def _emitters(tab: Tab) -> None:
    office = tab.office
    register(office, "ads", SOURCE)
    declare(office, "ads", SOURCE, 60, 12)
    declare(office, "ads", SOURCE, 9, 2, expected_count=1_234_567)
    long = "非常に長い名称の送信元でも画面の幅を超えない基盤" * 3
    register(office, "long", "https://long.example.jp/" + "x" * 200, name=long, since=day(40))
    register(office, "old", "https://old.example.jp/", name="旧基幹", until=day(30))
    recorded(office)
    tab.sign_in("operator", "/desk/emitters")


def _quarantine(tab: Tab) -> None:
    kept = rejected(tab.office)
    rejected(tab.office, unknown_member=1)
    key = tab.office.key("quarantine:write", owner="approver")
    tab.office.api("POST", f"/v1/quarantine/{kept}/discard", key)
    tab.sign_in("quarantine", "/desk/emitters/quarantine")
    tab.page.get_by_role("button", name="破棄を提案").first.click()
    tab.page.get_by_text("破棄を提案しました").wait_for()


def _retention(tab: Tab) -> None:
    recorded(tab.office)
    tab.sign_in("chief", "/desk/retention")
    tab.page.get_by_role("button", name="計画を今作る").click()
    tab.page.get_by_text("計画を作成しました").wait_for()


def _holds(tab: Tab) -> None:
    key = tab.office.key("records:exclude", owner="chief")
    transfer = recorded(tab.office)["transfer"]
    for named in (
        {"transfer": transfer},
        {"identifiers": [{"scheme": "member", "id": "CNRY-M-1"}]},
    ):
        tab.office.api("POST", "/v1/holds", key, {**HELD, **named})
    tab.sign_in("chief", "/desk/holds")
    tab.page.locator("summary", has_text="解除する").first.click()


def _exclusions(tab: Tab) -> None:
    """Two stand, one of them of a range; a form is open, and another one was refused."""
    key = tab.office.key("records:exclude", owner="chief")
    first, last = (recorded(tab.office)["position"] for _ in range(2))
    why = {"reason": "所在が知れると危害が及ぶおそれ。" * 5, "for_all_persons": True}
    for ground, spans in (("i", (first, first)), ("iv", (last, last))):
        body = {"positions": [{"first": spans[0], "last": spans[1]}], "ground": ground, **why}
        told = tab.office.api("POST", "/v1/exclusions", key, {"action": "exclude", **body})
        assert told.status_code == 200, told.text
    tab.sign_in("chief", "/desk/exclusions")
    tab.page.get_by_role("button", name="除外する").click()
    tab.page.locator("#errors").wait_for()
    tab.page.locator("summary", has_text="解く").first.click()


def _looked_at(tab: Tab) -> None:
    """A record is looked at before it is excluded, for a case; the look stands in the list."""
    recorded_at = recorded(tab.office, counterparty={**RECIPIENT, "name": "長い名称の提供先" * 12})
    case = Work(tab.office).begun()
    tab.sign_in("chief", "/desk/exclusions")
    tab.page.locator("#positions").fill(str(recorded_at["position"]))
    tab.page.locator("#reason").fill("所在が知れると危害が及ぶおそれ。" * 5)
    tab.page.locator("#look_case").fill(case.number)
    tab.page.locator("form[action='/desk/exclusions']").get_by_role(
        "button", name="内容を確かめる"
    ).click()
    tab.page.get_by_role("heading", name="確かめている記録").wait_for()
    tab.page.get_by_role("heading", name="内容を確かめた人").wait_for()


def _notice(tab: Tab) -> None:
    key = tab.office.key("notices:write", owner="chief")
    first = notice(notice_id="ju-seen")
    later = {
        **first["version"],
        "version": "2026-04",
        "in_force_from": day(20),
        "published_on": day(30),
        "purposes": [{"code": "safety", "label": "不正の防止", "examples": ["本人確認"]}],
        "items": [{"category": "基本情報", "definition": "氏名等", "listed": ["氏名"] * 40}],
    }
    for body in (first, {**first, "version": later, "record_unlawful_changes": True}):
        tab.office.api("POST", "/v1/notices", key, body)
    tab.sign_in("officer", "/desk/notices")
    # Other places publish notices of the same title.
    tab.page.get_by_role("row").filter(has_text="ju-seen").get_by_role("link").click()
    tab.page.get_by_role("heading", name="二つの公表の違い").wait_for()


def _flagged(tab: Tab) -> None:
    recorded(tab.office, consent={"obtained": False})
    recorded(tab.office, counterparty={**RECIPIENT, "representative": None})
    tab.sign_in("officer", "/desk/exceptions")


def _late(tab: Tab) -> None:
    office, key = tab.office, tab.office.key("records:write", owner="officer")
    principal = member()
    transfer = recorded(office, principals=[principal])["transfer"]
    body = {"principal": principal, "kind": "consent_withdrawn", "day": day(0)}
    told = office.api("POST", "/v1/directives", key, body)
    assert told.status_code == 200, told.text
    tab.sign_in("officer", "/desk/exceptions/late")
    tab.page.locator(f"#transfer-{transfer} summary").click()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "emitters": _emitters,
    "quarantine": _quarantine,
    **emitter_places.PLACES,
    "retention": _retention,
    "holds": _holds,
    "exclusions": _exclusions,
    "exclusions, a record looked at": _looked_at,
    "a notice and its differences": _notice,
    "findings": _flagged,
    "late verdicts": _late,
}
"""Name → how to get there."""
