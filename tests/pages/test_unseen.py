"""Records under an identifier with a character that no reader sees, on the page that finds them."""

from api.web.services import Services
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer
from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.ledger.given import ACTOR
from tests.pages.casework import Work
from tests.pages.deciding import NAME, whole
from tests.pages.deciding import opened as decision_of
from tests.pages.filling import words_of
from tests.pages.finding import named, opened
from tests.pages.office import Office, Person
from tests.pages.recorded import member, verified


def test_records_of_before_are_found_by_the_name_and_the_page_is_shown_again(
    office: Office, work: Work, officer: Person
) -> None:
    name, mine = f"{NAME}不可視", member()
    twin = {**mine, "id": mine["id"] + "\u200b"}
    old = CheckedTransfer(provision(principals=named(twin, name)))
    record_before(office, old)
    case = verified(work, mine, name=name)
    _, form = opened(officer, case)
    assert form.sent(officer, "identify", chosen="2", evidence="会員登録で確認")[0] == 303
    search = whole(case)["search"]
    assert (search["identifiers"], search["tried"], search["provided"]) == ([twin], [mine], 1)
    page, form = opened(officer, case)
    assert twin["id"] in words_of(page)
    status, page = form.sent(officer, "search")
    assert status == 200, "what the case names already is searched for once more"
    assert decision_of(officer, case)[0]


def record_before(office: Office, content: CheckedTransfer) -> None:
    """Record what a version of before accepted."""
    inside: Services = office.app.state.services
    command = RecordTransfer(random_uuid(), ACTOR, SOURCE, fresh_id(), content)
    inside.group.call(lambda ledger, at: ledger.record([command], at))
