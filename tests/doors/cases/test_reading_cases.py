"""What is read of a case: the whole one, its addresses, earlier ones, candidates; and by whom."""

from api.resources.cases.schemas import answers
from api.resources.cases.schemas.case_view import LINKS_MAX
from tests.canary import NAME
from tests.doors.cases.desk import (
    DESK,
    Case,
    begun,
    fits,
    look,
    paper,
    today,
)
from tests.doors.corridor import Corridor
from tests.doors.samples import provision, receipt

NEWEST = "SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
# -- one case -------------------------------------------------------------------------------------


def test_a_look_at_a_case_is_on_record(corridor: Corridor) -> None:
    case = begun(corridor)
    head = corridor.head()
    assert case.read()["viewed_at_position"] == head + 1 == corridor.head()
    assert corridor.fetch(NEWEST) == [("document-viewed",)]
    auditor = corridor.key("audit:read")
    looks = corridor.ask("GET", f"/v1/accesses?case={case.last['number']}", key=auditor)
    assert looks.status == 200, looks.text
    assert [one["what"] for one in looks.body["accesses"]] == ["case_file"]


def test_what_is_short_is_said_with_its_cure_and_what_is_open_with_its_paper(
    corridor: Corridor,
) -> None:
    unseen = {**paper("seal_certificate"), "shows_name": None}
    case = begun(corridor).do("documents", look(unseen))
    check = case.read()["check"]
    assert check["open"] == [{"fact": "shows_name", "paper": 0}]
    assert check["outcome"] is None
    [short] = check["shortcomings"]
    assert (short["code"], "paper" in short) == ("RESIDENCE_CERTIFICATE_MISSING", False)
    assert short["cure"]


# -- earlier cases and candidates ------------------------------------------------------------------


def test_earlier_cases_of_the_same_person_are_links_and_nothing_more(corridor: Corridor) -> None:
    mine = [{"scheme": "email", "id": "CNRY-once@cnry.example"}]
    first = begun(corridor, identifiers=mine).verified()
    again = begun(corridor, identifiers=[{**mine[0], "id": "cnry-ONCE@cnry.example "}])
    [link] = again.last["similar"]
    assert link == {
        "case": first.id,
        "number": first.last["number"],
        "arrived_on": today(),
        "status": "search",
    }
    assert (again.status, again.read()["check"]["outcome"]) == ("received", None)
    key = corridor.key(*DESK, label="officer")
    answer = corridor.ask("POST", "/v1/cases/search", {"identifiers": mine}, key=key)
    fits(answers.SIMILAR, answer.body)
    assert [one["case"] for one in answer.body["similar"]] == [again.id, first.id]
    assert corridor.ask("POST", "/v1/cases/search", {"identifiers": []}, key=key).status == 422


def test_many_earlier_cases_are_cut_to_the_newest(corridor: Corridor) -> None:
    mine = [{"scheme": "member", "id": "CNRY-terminal"}]
    cases = [begun(corridor, identifiers=mine).id for _ in range(LINKS_MAX + 2)]
    shown = [one["case"] for one in Case(corridor, cases[0], "").read()["similar"]]
    assert shown == list(reversed(cases))[:LINKS_MAX]


def test_candidates_show_links_days_and_counts_and_the_look_is_on_record(
    corridor: Corridor,
) -> None:
    who = {"scheme": "member", "id": "CNRY-linked"}
    other = {"scheme": "contract", "id": "CNRY-linked-too"}
    person = [{**who, "name": NAME}]
    corridor.record(provision(principals=person, transferred_on="2026-01-05"))
    corridor.record(receipt(principals=[{**other, "name": NAME}], transferred_on="2026-03-07"))
    corridor.officer("/v1/links", {"a": who, "b": other, "evidence": "同じ住所"})
    case = begun(corridor, identifiers=[who]).verified()
    nobody = {"scheme": "member", "id": "CNRY-nobody"}
    answer = case.ask("candidates", {"identifiers": [who, nobody]}, If_Match=None)
    assert answer.status == 200, answer.text
    fits(answers.CANDIDATES, answer.body)
    found, none = answer.body["candidates"]
    assert found["identifiers"] == [{**one, "name_check": "matches"} for one in (who, other)]
    assert (found["name_check"], none["name_check"]) == ("matches", None)
    assert (found["provided"], found["received"]) == (1, 1)
    assert (found["first_day"], found["last_day"]) == ("2026-01-05", "2026-03-07")
    assert (none["provided"], none["received"], none["first_day"]) == (0, 0, None)
    assert answer.body["viewed_at_position"] == corridor.head()
    assert corridor.fetch(NEWEST) == [("history-viewed",)]
    assert case.read()["version"] == 3
