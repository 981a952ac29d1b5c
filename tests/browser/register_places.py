"""過去の記録の取込 in every state that it has."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger.store.registers import RegisterChange
from tests.browser.looking import Tab
from tests.pages.registering import KEEPER, PAGE, Uploaded, csv_bytes, rows, uploaded

_NAME: Final = "とても長い名前の第三者提供記録簿（2019年度から2023年度まで・提携先別・最終版）.csv"


def _made(tab: Tab, count: int = 3, *, address: str | None = "東京都千代田区") -> Uploaded:
    with tempfile.TemporaryDirectory() as folder:
        content = csv_bytes(Path(folder), rows(count, 住所=address))
    return uploaded(tab.office, _NAME, content)


def _to(make: Callable[[Tab], Uploaded]) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        one = make(tab)
        tab.sign_in(KEEPER, one.path)
        tab.page.get_by_role("heading", level=1).wait_for()

    return go


def _checked(tab: Tab, *, address: str | None = "東京都千代田区") -> Uploaded:
    one = _made(tab, 120, address=address)
    assert one.mapped().status_code == 303
    one.ended()
    return one


def _problems(tab: Tab) -> Uploaded:
    return _checked(tab, address=None)


def _left(tab: Tab) -> Uploaded:
    """Of which seven rows were recorded when its process died."""
    one = _checked(tab)
    services = tab.office.app.state.services
    found = services.registers.find(UUID(one.path.rpartition("/")[2]), services.now())
    services.registers.change(found, RegisterChange("recording", rows_done=7), services.now())
    return one


def _listed(tab: Tab) -> None:
    _left(tab)
    tab.sign_in(KEEPER, PAGE)
    tab.page.get_by_role("heading", name="預かっている台帳").wait_for()


def _defects(tab: Tab) -> None:
    _to(_made)(tab)
    for details in tab.page.locator("#mapping details").all()[:2]:
        details.locator("summary").click()
    tab.page.locator("#c1_values").fill("令和")
    tab.page.get_by_role("button", name="全ての行を確かめる").click()
    tab.page.locator("#errors").wait_for()


def _overtaken(tab: Tab) -> None:
    """A colleague sent another mapping; what was typed stands beside it."""
    one = _checked(tab)
    tab.sign_in(KEEPER, one.path)
    tab.page.locator("#batch").fill("2021年度")
    colleague = Uploaded(tab.office, tab.office.person("keeper"), one.path)
    assert colleague.mapped(batch="とても長い移行単位の名称" * 5).status_code == 303
    colleague.ended()
    tab.page.get_by_role("button", name="全ての行を確かめる").click()
    tab.page.locator("#overtaken table").wait_for()


def _going_on(tab: Tab) -> Uploaded:
    """Somebody is at it, as long as the office is open."""
    one = _left(tab)
    working = tab.office.app.state.services.registers.working(UUID(one.path.rpartition("/")[2]))
    tab.office.closing.enter_context(working)
    return one


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "registers": _listed,
    "register, defects": _defects,
    "register, problems": _to(_problems),
    "register, overtaken": _overtaken,
    "register, going on": _to(_going_on),
}
"""Name → how to get there."""
