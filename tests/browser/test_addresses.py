"""What is typed on a page stands in no address that the browser asks for."""

from urllib.parse import quote

from tests.browser.looking import Tab
from tests.browser.record_places import NAME, named
from tests.canary import NAME as APPLICANT
from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.recorded import member, sent, verified


def asked(tab: Tab) -> list[str]:
    """The addresses that the browser asks for from now on."""
    found: list[str] = []
    tab.page.on("request", lambda request: found.append(request.url))
    return found


def test_no_name_and_no_number_stands_in_an_address(watched: Tab) -> None:
    who = member()
    name = f"{NAME}宛名"
    sent(watched.office, provision(principals=named(who, name)))
    case = verified(Work(watched.office), who, name=name)
    urls = asked(watched)
    watched.sign_in("officer")
    watched.go(f"/desk/cases/{case.id}/records")
    watched.page.locator("#name").fill(name)
    watched.page.get_by_role("button", name="この識別子・氏名で探す").last.click()
    watched.page.get_by_role("button", name="この方の記録として特定する").click()
    watched.page.get_by_role("heading", level=1, name="回答内容の確認").wait_for()
    assert urls
    assert not [one for one in urls if who["id"] in one or quote(name[0]) in one]


def test_what_was_searched_for_stands_in_no_address(watched: Tab) -> None:
    case = Work(watched.office).begun(
        form={"name": APPLICANT, "address": "東京都千代田区永田町2-11-1"}
    )
    urls = asked(watched)
    watched.sign_in("officer")
    watched.page.get_by_role("searchbox").fill(APPLICANT.replace(" ", ""))
    watched.page.get_by_role("button", name="検索").click()
    watched.page.locator(f"#row-{case.number}").wait_for()
    assert urls
    assert not [one for one in urls if quote(APPLICANT[0]) in one]
