"""Order 11: who has a record that is excluded, or marked, gives the pages of who has none."""

import re
from typing import Any

from tests.doors.samples import RECIPIENT, REMOVED, provision
from tests.pages import finding
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME, STRANGER, bare, dated, opened
from tests.pages.histories import rows, shown
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified

HOW = ("none", "marked", "excluded")


def hide(office: Office, how: str, *data: dict[str, Any]) -> None:
    """Records that nobody may know of."""
    if how == "marked":
        sent(office, *data, order_11="ii")
    if how == "excluded":
        key = office.key("records:exclude", owner="chief")
        body = {"action": "exclude", "transfers": sent(office, *data), "ground": "i"}
        more = {"reason": "危害", "for_all_persons": True}
        answer = office.api("POST", "/v1/exclusions", key, {**body, **more})
        assert answer.status_code == 200, answer.text


def masked(page: str, case: Worked, *own: str) -> str:
    """The page without what differs between any two cases: positions and instants too."""
    page = bare(page, case, *own)
    return re.sub(r'(?:max|value)="(?:position:)?\d+"|1～\d+|position:\d+', "…", page)


def pages_of(office: Office, officer: Person, how: str) -> list[str]:
    """What the officer sees of a person on the way from the search to the history."""
    who, other = member(), member()
    name = f"{NAME}{who['id']}"  # nobody else's: the name of the form is searched for, too
    named, theirs = [{**who, "name": name}], [{**other, "name": STRANGER}]
    exempt: dict[str, object] = {"consent": REMOVED, "basis": "entrustment_27_5_i"}
    sent(office, *({**dated(f"2026-02-0{n}"), "principals": named} for n in (1, 2)))
    sent(office, provision(principals=named, **exempt))
    party = {**RECIPIENT, "party_id": "hidden", "name": "隠された相手"}
    hide(
        office,
        how,
        {**dated("2026-02-03"), "principals": named},
        provision(principals=named, counterparty=party, items=["隠された項目"]),
        provision(principals=named, items=["隠された項目"], **exempt),
        provision(principals=theirs),
    )
    case = verified(Work(office), who, other, name=name)
    page, form = finding.opened(officer, case)
    searched = form.sent(officer, "search", name=STRANGER)[1]
    assert form.sent(officer, "identify")[0] == 303
    decided, form = opened(officer, case)
    seen = [page, searched, decided]
    seen += [form.sent(officer, "rows:all")[1], form.sent(officer, "add", tick="all")[1]]
    history = shown(officer, case)
    assert len(rows(history, "provision")) == 2
    assert "台帳の件数 2 ＝" in seen[2]
    assert "共同利用等（法定対象外）（1件）" in seen[2]
    return [masked(one, case, name, who["id"], other["id"]) for one in (*seen, history)]


def test_an_excluded_record_is_in_no_row_no_count_and_no_picture(
    office: Office, officer: Person
) -> None:
    none, marked, excluded = (pages_of(office, officer, how) for how in HOW)
    assert none == marked
    assert none == excluded
