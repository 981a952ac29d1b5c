"""What is read of a case: the whole one, its addresses, earlier ones, candidates; and by whom."""

from typing import Any

from api.resources.cases.schemas import answers
from api.resources.cases.schemas.case_view import LINKS_MAX
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import (
    ADDRESS,
    AGREEING,
    APPROVER,
    DESK,
    WHO,
    Case,
    begun,
    fits,
    look,
    paper,
    today,
)
from tests.doors.cases.test_work_list import ids
from tests.doors.corridor import Corridor, open_doors
from tests.doors.samples import SOURCE, provision, receipt
from tests.doors.test_expired import let_die

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


def test_the_three_addresses_are_compared_and_the_difference_is_shown(corridor: Corridor) -> None:
    judged = {
        **AGREEING,
        "on_papers": "東京都千代田区永田町二丁目11番1号",
        "registered": "東京都千代田区永田町2-11-2",
    }
    case = begun(corridor).do("documents", look(addresses=judged))
    shown = case.read()["addresses"]
    assert shown["form"] == ADDRESS
    assert shown["identity_form"]["proposal"] == "spelling"
    assert shown["form_registered"]["proposal"] == "differs"
    [difference] = shown["form_registered"]["differences"]
    assert (difference["part"], difference["weighs"]) == ("lot", True)


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


def test_a_paper_says_until_when_it_is_in_date(corridor: Corridor) -> None:
    case = begun(corridor).do("documents", look(paper("seal_certificate", issued_on="2026-08-31")))
    [seen] = case.read()["examination"]["papers"]
    assert (seen["valid_through"], seen["looked_at_as_of"]) == ("2026-11-30", today())


def test_the_clocks_of_a_minor_tell_when_the_minor_comes_of_age(corridor: Corridor) -> None:
    parent = {
        "requester": "legal_representative",
        "representation": "parent_of_minor",
        "birth_date": "2010-02-28",
        "form": {"name": NAME, "address": ADDRESS, "representative_name": "見本 親"},
    }
    clocks = begun(corridor, **parent).read()["clocks"]
    assert clocks["adult_from"] == {"on": "2028-02-28", "runs": True}


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


def test_what_is_excluded_is_neither_counted_nor_found(corridor: Corridor) -> None:
    who = {"scheme": "member", "id": "CNRY-marked"}
    chief = corridor.key("events:write", "records:exclude", source=SOURCE, label="chief")
    data = provision(principals=[{**who, "name": NAME}])
    marked = {"source": SOURCE, "id": "marked-1", "order_11": "i", "data": data}
    [result] = corridor.send(marked, key=chief).body["results"]
    assert result["status"] == "recorded"
    case = begun(corridor, identifiers=[who]).verified()
    answer = case.ask("candidates", {"identifiers": [who]}, If_Match=None)
    assert answer.body["candidates"][0]["provided"] == 0
    tried = [who, {"scheme": "phone", "id": "03-0000-0099"}]
    case.do("principal", {"identifiers": [], "tried": tried, "evidence": "該当なし"})
    assert case.do("decisions", {}).last["outcome"] == "not_exist"


def test_a_case_whose_key_is_dead_is_not_there_any_more(database: Database) -> None:
    with open_doors(database.urls) as corridor:
        case = begun(corridor)
        alive = begun(corridor)
        let_die(database, case.last["position"])
    # Another process: a key that dies is remembered for minutes where it was used.
    with open_doors(database.urls) as corridor:
        gone = Case(corridor, case.id, case.etag)
        unknown = Case(corridor, "00000000-0000-4000-8000-000000000007", case.etag)
        for one in (gone, unknown):
            for answer in (one.fetch(""), one.ask("documents", look())):
                assert (answer.status, answer.code) == (404, "NOT_FOUND")
        bodies = [{**one.fetch("").body, "instance": ""} for one in (gone, unknown)]
        assert bodies[0] == bodies[1]
        assert ids(corridor) == [alive.id]
        assert [one["case"] for one in begun(corridor).last["similar"]] == [alive.id]


TOWER = "東京都港区芝1-2-3 THE TOWER 芝 1001"
SPELLED = "東京都港区芝1丁目2番3号 ザ・タワー芝1001"
WHY = "建物名の英語表記(登録原本で確認)"
WHY_TOO = "建物名の英語表記(印鑑登録証明書の記載)"
REGISTERED, ON_PAPERS = "form_is_registered_because", "identity_is_form_because"


def of_the_tower(corridor: Corridor, **more: object) -> Case:
    return begun(corridor, form={"name": NAME, "postal_code": "105-0014", "address": TOWER}, **more)


def judged(**more: object) -> dict[str, Any]:
    return look(addresses={**AGREEING, "on_papers": SPELLED, "registered": SPELLED, **more})


def test_a_building_spelled_otherwise_waits_for_the_officers_reason_and_is_answered(
    corridor: Corridor,
) -> None:
    case = of_the_tower(corridor, identifiers=[WHO]).do("documents", judged())
    owed = [REGISTERED, ON_PAPERS]
    assert case.last["check"] == {"outcome": None, "reasons": [], "open": owed}
    for door in ("verification", "correction-request"):
        refused = case.ask(door)
        assert (refused.status, refused.code) == (409, "IDENTITY_NOT_PROVEN")
        told = {name: refused.body[name] for name in ("outcome", "reasons", "open")}
        assert told == {"outcome": "open", "reasons": [], "open": owed}
    whole = case.read()
    assert whole["check"]["open"] == [{"fact": REGISTERED}, {"fact": ON_PAPERS}]
    assert whole["addresses"]["form_registered"]["proposal"] == "differs"
    case.do("documents", judged(**{REGISTERED: WHY}))
    assert case.last["check"]["open"] == [ON_PAPERS]
    case.do("documents", judged(**{REGISTERED: WHY, ON_PAPERS: WHY_TOO})).do("verification")
    assert case.status == "search"
    case.identified().do("decisions", {}).do("submit")
    addresses = case.read(APPROVER, "approver")["examination"]["addresses"]
    assert (addresses[REGISTERED], addresses[ON_PAPERS]) == (WHY, WHY_TOO)
    assert case.approve().status == "notice_ready"
