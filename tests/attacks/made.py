"""Cases in the states in which the forms of their pages are shown, made through the API."""

from typing import Final

from tests.doors.cases.desk import look, paper, today
from tests.doors.samples import provision, receipt
from tests.pages.casework import RARE, Work, Worked
from tests.pages.deciding import NAME, STRANGER, identified
from tests.pages.filling import sheet
from tests.pages.recorded import linked, member, sent, verified


def closed_by() -> dict[str, str]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


ADDRESS: Final = "東京都千代田区永田町2-11-1"


def two_requests(work: Work) -> Worked:
    return work.begun().reported(work.begun())


def ended(work: Work) -> Worked:
    return work.begun().do("withdrawal", closed_by())


def in_correction(work: Work) -> Worked:
    looked = look(paper("seal_certificate"))
    return work.begun().do("documents", looked).do("correction-request")


def of_an_envelope(work: Work) -> Worked:
    first = work.begun().do("documents", look())
    return work.begun(same_envelope_as=first.id, kind="retained_data")


def of_an_agent(work: Work) -> Worked:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 二郎", "agent_address": ADDRESS}
    return work.begun(requester="mandated_agent", form=form)


def found(work: Work) -> Worked:
    who, phone = member(), {"scheme": "phone", "id": member()["id"]}
    sent(work.office, provision(principals=[{**who, "name": NAME}]))
    sent(work.office, receipt(principals=[{**phone, "name": STRANGER}]))
    linked(work.office, who, {"scheme": "contract", "id": f"{who['id']}-K"})
    return verified(work, who, phone, name=NAME)


def to_decide(work: Work) -> Worked:
    return identified(work, provision(), receipt(acquisition="本人から直接取得"))


def rare(work: Work) -> Worked:
    who = member()
    found = {"identifiers": [who], "tried": [{"scheme": "email", "id": "x@cnry.example"}]}
    case = verified(work, who, name=RARE).do("principal", {**found, "evidence": "一致"})
    officer, path = work.office.person("officer"), f"/desk/cases/{case.id}/decision"
    sheet(officer.get(path).text, path).sent(officer, "submit")
    return case


def of_measures(work: Work) -> Worked:
    who = member()
    sent(work.office, provision(principals=[{**who, "name": NAME}]))
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    return verified(work, who, name=NAME, kind="provision_stop").do("person", found)


def with_a_link(work: Work) -> Worked:
    """Somebody with a link that stands, whose other identifier is known."""
    who = member()
    linked(work.office, who, {"scheme": "contract", "id": f"{who['id']}-K"})
    return verified(work, who, name=NAME)


def on_medium(work: Work) -> Worked:
    """A reply on a medium that may go out."""
    who = member()
    sent(work.office, provision(principals=[{**who, "name": NAME}]))
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    case = verified(work, who, name=NAME, medium="electronic").do("principal", found)
    return case.do("decisions", {}).do("submit").do("approve", by="approver")
