"""The states of 本人確認, and of a case whose forms are open: each makes its own case."""

from collections.abc import Callable
from typing import Final

from tests.browser.looking import Tab
from tests.canary import NAME
from tests.doors.cases.desk import look, paper, today
from tests.pages.casework import Work, Worked

ADDRESS = "東京都千代田区永田町2-11-1"


def _opened(tab: Tab, case: Worked, who: str = "officer") -> None:
    tab.sign_in(who, f"/desk/cases/{case.id}/papers")


def _agent(tab: Tab) -> None:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 二郎", "agent_address": ADDRESS}
    _opened(tab, Work(tab.office).begun(requester="mandated_agent", form=form))


def _representative(tab: Tab) -> None:
    form = {
        "name": NAME,
        "address": ADDRESS,
        "representative_name": "保護 者",
        "representative_address": ADDRESS,
    }
    case = Work(tab.office).begun(
        requester="legal_representative",
        representation="parent_of_minor",
        birth_date="2005-04-01",
        form=form,
        reply_address="representative_identity_document",
    )
    _opened(tab, case)


def _looked_at(tab: Tab) -> None:
    changed = {"on_papers": "東京都港区1-1-1 山王荘", "registered": ADDRESS}
    addresses = {"has_registered": True, "form_is_registered": True, **changed}
    papers = [paper("seal_certificate", shows_birth_date=False), paper("residence_card")]
    seen = look(*papers, addresses=addresses, form_missing=["phone"], note="電話で確認中")
    _opened(tab, Work(tab.office).begun().do("documents", seen))


def _correction(tab: Tab) -> None:
    case = Work(tab.office).begun().do("documents", look(paper("seal_certificate")))
    _opened(tab, case.do("correction-request"))
    tab.page.get_by_text("申請書の記載が補完・訂正されたとき").click()


def _resubmitted(tab: Tab) -> None:
    case = Work(tab.office).begun().do("documents", look(paper("seal_certificate")))
    case.do("correction-request").do("resubmission", {"arrived_on": today()})
    _opened(tab, case)


def _verified(tab: Tab) -> None:
    _opened(tab, Work(tab.office).begun().do("documents", look()).do("verification"))


def _defects(tab: Tab) -> None:
    _opened(tab, Work(tab.office).begun())
    tab.page.locator("#p0_name input").check()
    tab.page.locator("#p1_issued_on_month").fill("13")
    tab.page.locator("#save").click()
    tab.page.locator("#errors").wait_for()


def _conflict(tab: Tab) -> None:
    case = Work(tab.office).begun()
    _opened(tab, case)
    case.do("documents", look(), by="colleague")
    tab.page.locator("#note").fill("私の確認")
    tab.page.locator("#save").click()
    tab.page.locator("#conflict").wait_for()


def _envelope(tab: Tab) -> None:
    work = Work(tab.office)
    first = work.begun().do("documents", look())
    _opened(tab, work.begun(same_envelope_as=first.id, kind="retained_data"))


def _forms(tab: Tab) -> None:
    case = Work(tab.office).begun()
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    for words in ("取下げを登録する", "死亡を登録する", "誤って登録した請求である"):
        tab.page.locator("summary").filter(has_text=words).click()


def _kept(page: str, summary: str, field: str) -> Callable[[Tab], None]:
    """What was typed into a form was kept as a draft, and the page was opened again."""

    def go(tab: Tab) -> None:
        case = Work(tab.office).begun()
        if page:
            case.submitted().do("approve", by="approver")
        tab.sign_in("officer", f"/desk/cases/{case.id}{page}")
        if summary:
            tab.page.locator("summary").filter(has_text=summary).click()
        tab.page.locator(field).fill("123-45-67890-1")
        form = tab.page.locator("form", has=tab.page.locator(field))
        form.get_by_role("button", name="下書きを保存").click()
        tab.page.locator("#draft-kept").wait_for()

    return go


def _withdrawn_first(tab: Tab) -> None:
    """Somebody else put a withdrawal down, before what was typed was sent."""
    case = Work(tab.office).begun()
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    tab.page.locator("summary").filter(has_text="取下げを登録する").click()
    tab.page.locator("#withdrawn_evidence").fill("電話で取下げの申出があった。" * 10)
    day = tab.page.locator("#withdrawn_on input")
    for one, text in zip(day.all(), ("2026", "1", "5"), strict=True):
        one.fill(text)
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": "取下書"}, by="colleague")
    tab.page.get_by_role("button", name="取下げを登録する").click()
    tab.page.get_by_role("table", name="異なる項目").wait_for()


def _dismissed_first(tab: Tab) -> None:
    """A mistake was reported and dismissed meanwhile: the form may still be sent, with a defect."""
    work = Work(tab.office)
    case = work.begun()
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    tab.page.locator("summary").filter(has_text="誤って登録した請求である").click()
    tab.page.get_by_label("到達日の誤り").check()
    tab.page.locator("#entry_reason").fill("到達日を書き間違えた")
    case.reported(work.begun()).do("mistake-dismissal", {"reason": "別の二通"}, by="colleague")
    tab.page.get_by_role("button", name="誤登録を申し出る").click()
    tab.page.get_by_role("table", name="異なる項目").wait_for()
    tab.page.locator("#entry_reason").fill("")
    tab.page.get_by_role("button", name="誤登録を申し出る").click()
    tab.page.locator("#errors").wait_for()


def _ended(tab: Tab) -> None:
    case = Work(tab.office).begun()
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": "取下書"})
    tab.sign_in("officer", f"/desk/cases/{case.id}")
    tab.page.locator("summary").filter(has_text="終了の登録が誤り").click()


def _end_reported(tab: Tab) -> None:
    case = Work(tab.office).begun()
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": "取下書"})
    case.do("end-mistake", {"reason": "別の方の取下書だった"})
    tab.sign_in("approver", f"/desk/cases/{case.id}")
    tab.page.locator("summary").filter(has_text="却下").click()


PLACES: Final[dict[str, Callable[[Tab], None]]] = {
    "papers of an agent": _agent,
    "papers of a representative": _representative,
    "papers, looked at": _looked_at,
    "papers, correction asked for": _correction,
    "papers, come again": _resubmitted,
    "papers, verified": _verified,
    "papers, defects": _defects,
    "papers, somebody was first": _conflict,
    "papers of one envelope": _envelope,
    "case with its forms": _forms,
    "case, a draft": _kept("", "取下げを登録する", "#withdrawn_evidence"),
    "post, a draft": _kept("/post", "", "#item_number"),
    "case, somebody was first": _withdrawn_first,
    "case, somebody was first and a defect": _dismissed_first,
    "case that was withdrawn": _ended,
    "case whose end is said to be a mistake": _end_reported,
}
"""Name → how to get there."""
