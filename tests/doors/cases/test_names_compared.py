"""The names in the records found are compared with the form before anything of them is sent."""

from dataclasses import replace
from typing import Any

import pytest

from api.resources.cases.schemas import answers
from tests.canary import NAME
from tests.database import Database
from tests.doors.answering import NONE_OF_THE_OTHERS, SOMEBODY_ELSE
from tests.doors.cases.desk import ABSENT, ADDRESS, APPROVER, Case, begun, fits, received, request
from tests.doors.cases.test_candidates_by_name import bare, hidden
from tests.doors.corridor import SETTINGS, Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision
from tests.matrix import every

MARRIED = "婚姻により改姓(戸籍謄本で確認)"
# The same family: what differs is the given name alone.
FAMILY = NAME.split(" ", maxsplit=1)[0]
SISTER = f"{FAMILY} 雲雀"
KINDS = {"principal": "provision_records", "person": "provision_stop"}


def member() -> dict[str, str]:
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def known(
    corridor: Corridor, name: str | None = NAME, who: dict[str, str] | None = None
) -> dict[str, str]:
    """Somebody of whom there is a record that gives this name."""
    one = who or member()
    principal = one if name is None else {**one, "name": name}
    corridor.record(provision(principals=[principal]))
    return one


def body(*who: dict[str, str], **more: object) -> dict[str, Any]:
    """These are the person's; another kind was tried, too, as it must be where nothing is found."""
    return {"identifiers": list(who), "tried": [ABSENT], "evidence": "会員番号が一致", **more}


def said(who: dict[str, str], because: str = MARRIED) -> dict[str, Any]:
    """Why this identifier is the person's all the same."""
    return {"identifier": who, "because": because}


def looked(case: Case, *who: dict[str, str]) -> Answer:
    answer = case.ask("candidates", {"identifiers": list(who)}, If_Match=None)
    assert answer.status == 200, answer.text
    fits(answers.CANDIDATES, answer.body)
    return answer


@every("door", KINDS)
def test_a_digit_typed_wrong_meets_a_stranger_of_the_same_family_and_nothing_is_identified(
    corridor: Corridor, door: str
) -> None:
    mine = {"scheme": "member", "id": f"CNRY-{fresh_id()}-41"}
    hers = {**mine, "id": mine["id"][:-1] + "2"}
    known(corridor, NAME, mine)
    known(corridor, SISTER, hers)
    case = begun(corridor, kind=KINDS[door], identifiers=[]).verified()
    head, status = corridor.head(), case.status
    for language, words in (("en", "digit by digit"), ("ja", "一字ずつ申請書と照合してください")):
        refused = case.ask(door, body(hers), Accept_Language=language)
        assert (refused.status, refused.errors) == (422, {"/identifiers/0": "NAME_DIFFERS"})
        assert words in refused.text
        assert FAMILY not in refused.text, "neither of the two names is told"
    assert (corridor.head(), case.read()["status"]) == (head, status), "nothing is on record"
    case.do(door, body(mine))
    whole = case.read()
    assert (whole["search"] or whole["person"])["identifiers"] == [mine]


@every("door", KINDS)
def test_a_name_in_excluded_records_is_as_if_nobody_had_any(corridor: Corridor, door: str) -> None:
    def told(who: dict[str, str]) -> list[object]:
        case = begun(corridor, kind=KINDS[door], identifiers=[who]).verified()
        heard: list[object] = [bare(looked(case, who).body)]
        refused = case.ask(door, body(who, names_differ=[said(who)]))
        heard.append((refused.status, refused.errors))
        heard.append(bare(case.do(door, body(who)).last))
        found = case.read()
        heard.append(bare(found["search"] or found["person"]))
        return heard

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": SISTER})
    assert told(excluded) == told(nobody)
    # Neither does it spoil a match, nor lend one.
    for shown, concealed in ((NAME, SISTER), (SISTER, NAME)):
        plain, mixed = known(corridor, shown), known(corridor, shown)
        hidden(corridor, {**mixed, "name": concealed})
        case = begun(corridor, kind=KINDS[door], identifiers=[plain, mixed]).verified()
        errors = case.ask(door, body(plain, mixed)).body.get("errors", [])
        places = ["/identifiers/0", "/identifiers/1"] if shown == SISTER else []
        assert [one["pointer"] for one in errors] == places


@every("kind, door", [("provision_stop", "person"), (None, "principal")])
def test_a_link_to_a_stranger_needs_the_reason_at_each_identifier_that_is_named(
    corridor: Corridor, kind: str | None, door: str
) -> None:
    mine, hers = known(corridor), known(corridor, SISTER)
    corridor.officer("/v1/links", {"a": mine, "b": hers, "evidence": "同じ住所"})
    changes = {} if kind is None else {"kind": kind}
    case = begun(corridor, identifiers=[mine], **changes).verified()
    for who in (mine, hers):
        assert case.ask(door, body(who)).errors == {"/identifiers/0": "NAME_DIFFERS"} | (
            {"/application/identifiers/0": "FORM_IDENTIFIER_LEFT_OUT"} if who == hers else {}
        )
    both = {"/identifiers/0": "NAME_DIFFERS", "/identifiers/1": "NAME_DIFFERS"}
    assert case.ask(door, body(mine, hers)).errors == both
    unlinked = {"a": mine, "b": hers, "evidence": "別人と判明"}
    corridor.officer("/v1/unlinks", unlinked)
    case.do(door, body(mine))


# -- Who the person is: the same rules for a reply, a stop and an erasure; what is told of it --


DOORS = {
    "provision_records": "principal",
    "provision_stop": "person",
    "utilization_cease": "person",
}
RELATIVE = "同居の家族の番号(電話で確認)"
_of_each_kind = pytest.mark.parametrize("kind", DOORS)
# What the database alone tells of a case: its events, and how large their sealed parts are.
SIZES = """
    SELECT e.topic, coalesce(sum(octet_length(s.part)), 0), count(s.part)
      FROM ledger.events AS e
      LEFT JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.notification_id
     WHERE e.originator_id = '{}'
     GROUP BY e.topic, e.originator_version
     ORDER BY e.originator_version
"""


def found_in(case: Case) -> dict[str, Any]:
    whole = case.read(APPROVER, "approver")
    fits(answers.WHOLE, whole)
    return whole["search"] or whole["person"]


def decided(case: Case, kind: str) -> Case:
    if DOORS[kind] == "principal":
        return case.do("decisions", {})
    return case.do("measures", {"outcome": "not_taken", "reason": "事実が確認できないためです。"})


@_of_each_kind
def test_what_was_compared_tells_nothing_of_what_is_excluded(corridor: Corridor, kind: str) -> None:
    def told(who: dict[str, str], check: str) -> list[object]:
        case = begun(corridor, kind=kind, identifiers=[who]).verified().do(DOORS[kind], body(who))
        assert found_in(case)["name_checks"] == [check]
        shown = bare(decided(case, kind).do("submit").read(APPROVER, "approver"))
        sizes = corridor.fetch(SIZES.format(case.id))
        assert len(sizes) > 5
        assert all(size for _, size, _ in sizes)
        return [str(shown).replace(who["id"], ""), sizes]

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": NAME})
    assert told(excluded, "no_records") == told(nobody, "no_records")
    if kind != "provision_records":
        unnamed, lent = known(corridor, None), known(corridor, None)
        hidden(corridor, {**lent, "name": NAME})
        assert told(lent, "unnamed") == told(unnamed, "unnamed")


@_of_each_kind
def test_what_was_tried_and_has_records_is_the_persons_or_somebody_says_why_not(
    corridor: Corridor, kind: str
) -> None:
    mine, relative = known(corridor), known(corridor, SISTER)
    case = begun(corridor, kind=kind, identifiers=[mine, relative]).verified()
    door, tried = DOORS[kind], body(mine, tried=[relative])
    left_out = case.ask(door, body(mine))
    assert left_out.errors == {"/application/identifiers/1": "FORM_IDENTIFIER_LEFT_OUT"}
    assert case.ask(door, tried).errors == {"/tried/0": "TRIED_HAS_RECORDS"}
    link = {"a": mine, "b": relative, "evidence": "同じ住所"}
    corridor.officer("/v1/links", link)
    linked = case.ask(door, {**tried, "not_the_person": RELATIVE})
    assert linked.errors == {"/tried/0": "TRIED_IS_LINKED"}
    corridor.officer("/v1/unlinks", {**link, "evidence": "別人と判明"})
    case.do(door, {**tried, "not_the_person": RELATIVE})
    assert found_in(case)["not_the_person"] == RELATIVE


@_of_each_kind
def test_what_was_tried_and_is_excluded_is_as_if_it_had_no_records(
    corridor: Corridor, kind: str
) -> None:
    def told(who: dict[str, str]) -> list[object]:
        mine = member()
        case = begun(corridor, kind=kind, identifiers=[mine, who]).verified()
        case.do(DOORS[kind], body(mine, tried=[who, ABSENT]))
        sizes = corridor.fetch(SIZES.format(case.id))
        return [bare(case.last), bare(found_in(case)), sizes]

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": NAME})
    assert told(excluded) == told(nobody)


NOTHING = ("-", "ー", "\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u2060", " \u3000")
MADE_UP = {"scheme": "xyz", "id": "CNRY-1"}


@every("text", NOTHING)
def test_no_form_and_no_search_names_what_says_nothing(corridor: Corridor, text: str) -> None:
    blank = {"scheme": "phone", "id": text}
    taken = received(corridor, request(identifiers=[member(), blank]))
    assert (taken.status, taken.errors) == (422, {"/identifiers/1/id": "IDENTIFIES_NOBODY"})
    case = begun(corridor).verified()
    sought = case.ask("candidates", {"identifiers": [blank]})
    assert (sought.status, sought.errors) == (422, {"/identifiers/0/id": "IDENTIFIES_NOBODY"})


def test_an_operator_says_which_kinds_its_platforms_have(database: Database) -> None:
    settings = replace(SETTINGS, identifier_kinds={"xyz": "ポイント会員番号"})
    with open_doors(database.urls, settings) as corridor:
        for kind, door in DOORS.items():
            who = member()
            case = begun(corridor, kind=kind, identifiers=[who]).verified()
            case.do(door, body(who, tried=[MADE_UP]))


# -- No record is said not to exist by a slip --


def name_of(word: str) -> str:
    """A name that nobody else of these tests bears."""
    return f"{NAME} {word}"


def verified(corridor: Corridor, name: str, *who: dict[str, str], **changes: Any) -> Case:  # noqa: ANN401 -- members of a body
    form = {"name": name, "postal_code": "100-6150", "address": ADDRESS}
    form |= changes.pop("form", {})
    return begun(corridor, identifiers=list(who), form=form, **changes).verified()


def search(case: Case, body: dict[str, Any]) -> Answer:
    """The search as it is asked for, without the answers of these tests' officers."""
    asked = {"evidence": "照合した", **body}
    key = case.corridor.key("cases:read", "cases:write", label="officer")
    headers = {"If-Match": case.etag}
    return case.corridor.ask("POST", f"{case.path}/principal", asked, key=key, headers=headers)


def test_more_namesakes_than_are_listed_need_one_reason_for_the_rest(corridor: Corridor) -> None:
    name, mine = name_of("多数"), member()
    many = [{**member(), "name": name} for _ in range(51)]
    corridor.record(provision(principals=many))
    case = verified(corridor, name, mine)
    found = case.ask("candidates", {"of_form": True}, If_Match=None).body
    assert (len(found["candidates"]), found["more"]) == (50, True)
    listed = [{"identifier": one["asked"], "because": "別人"} for one in found["candidates"]]
    body = {"tried": [mine, ABSENT], "left_out": listed}
    assert search(case, body).errors == {"/others_left_out": "CANDIDATES_NOT_NARROWED"}
    assert search(case, {**body, "others_left_out": NONE_OF_THE_OTHERS}).status == 200
    assert case.read()["search"]["others_left_out"] == NONE_OF_THE_OTHERS


def left_out(case: Case, mine: dict[str, str], *strangers: dict[str, str]) -> Answer:
    """The search that finds nobody but these, who are somebody else."""
    said = [{"identifier": one, "because": SOMEBODY_ELSE} for one in strangers]
    answer = search(case, {"tried": [mine, ABSENT], "left_out": said})
    if answer.status == 200:
        case.etag = answer.headers["etag"]
    return answer


@every("by", ["identifiers", "tried"])
def test_a_repaired_item_that_waited_at_the_search_is_seen(corridor: Corridor, by: str) -> None:
    name, mine = name_of(f"修復{by}"), member()
    persons = [{**mine, "name": name}]
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[], principals=persons)}
    kept = corridor.send(item).body["quarantine"]
    case = verified(corridor, name, mine)
    asked = (
        {"identifiers": [mine], "tried": [ABSENT]}
        if by == "identifiers"
        else {"tried": [mine, ABSENT]}
    )
    case.do("principal", {**asked, "evidence": "該当なし"})
    answers = {"points": {"quarantine": {"influence": False, "because": "別の方の記録である"}}}
    case.do("decisions", answers).do("submit")
    repaired = {**item, "data": provision(principals=persons)}
    key = corridor.key("quarantine:write", label="keeper")
    path = f"/v1/quarantine/{kept}/repair"
    assert corridor.ask("POST", path, repaired, key=key).status == 200
    corridor.history(("member", mine["id"]))
    refused = case.ask("approve", scopes=APPROVER, by="approver")
    assert (refused.status, refused.code) == (409, "STALE_APPROVAL")
