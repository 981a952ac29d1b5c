"""One record on two grounds, through the doors: what goes out, what is counted, what is refused."""

import csv
import io
import json
import zipfile
from typing import Any

from tests.canary import NAME
from tests.doors.cases.desk import Case, begun
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision

FIRST: dict[str, Any] = {"ground": "ART33_2_I", "reason": "第三者の権利利益を害するおそれ"}
SECOND: dict[str, Any] = {
    "ground": "ART33_2_II",
    "reason": "評価の仕組みが知られるおそれ",
    "causes": ["evaluation_system"],
}


def known(corridor: Corridor) -> tuple[Case, list[str]]:
    """A case of somebody with two records, and these."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    sent = provision(principals=[{**who, "name": NAME}], items=["氏名", "購入履歴"])
    records = [corridor.record(sent)["transfer"] for _ in range(2)]
    case = begun(corridor, identifiers=[who]).verified().identified(identifiers=[who])
    return case, records


def files(case: Case) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The letter as JSON, and the rows of the CSV."""
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        letter = json.loads(found.read("records.json"))
        text = found.read("records.csv").decode("utf-8-sig")
    return letter["content"], list(csv.DictReader(io.StringIO(text)))


def test_items_of_one_record_are_withheld_on_two_grounds(corridor: Corridor) -> None:
    case, [record, _] = known(corridor)
    apart = [
        {**FIRST, "record": record, "items": ["COUNTERPARTY"]},
        {**SECOND, "record": record, "items": ["購入履歴"]},
    ]
    case.do("decisions", {"withheld": apart})
    assert case.last["outcome"] == "partial_disclosure"
    assert case.read()["decision"]["disclosed"] == 2
    case.do("submit").approve()
    letter, rows = files(case)
    assert [(one["ground"], one["reason"], one["parts"]) for one in letter["withheld"]] == [
        (FIRST["ground"], FIRST["reason"], [[1, "COUNTERPARTY"]]),
        (SECOND["ground"], SECOND["reason"], [[1, "ITEMS"]]),
    ]
    assert [row["開示しない記録事項"] for row in rows] == ["提供の相手方、個人データの項目", ""]
    assert "購入履歴" not in rows[0]["個人データの項目"]
    assert case.content("/reply.pdf").startswith(b"%PDF")


def test_a_record_of_which_two_grounds_leave_nothing_is_withheld_and_counted_once(
    corridor: Corridor,
) -> None:
    case, [record, _] = known(corridor)
    together = [
        {**FIRST, "record": record, "items": ["COUNTERPARTY", "PRINCIPAL"]},
        {**SECOND, "record": record, "items": ["CONSENT", "氏名", "購入履歴"]},
    ]
    for withheld in (together, [{**FIRST, "record": record}, {**SECOND, "record": record}]):
        case.do("decisions", {"withheld": withheld})
        assert case.last["outcome"] == "partial_disclosure"
        assert case.read()["decision"]["disclosed"] == 1
        case.do("submit").approve()
        letter, rows = files(case)
        assert (len(rows), letter["whole_records"], len(letter["withheld"])) == (1, 1, 2)
        case.do("return", {"reason": "決定の見直し"})


def test_on_one_ground_a_record_is_withheld_once(corridor: Corridor) -> None:
    case, [record, _] = known(corridor)
    whole = {**FIRST, "record": record}
    for again in (whole, {**whole, "items": ["ITEMS"]}):
        answer = case.ask("decisions", {"withheld": [whole, again]})
        assert (answer.status, answer.errors) == (422, {"/withheld/1/record": "RECORD_TWICE"})
    for items, again in (["ITEMS"], ["ITEMS", "COUNTERPARTY"]), (["氏名"], ["ITEMS"]):
        overlapping = [{**whole, "items": items}, {**whole, "items": again}]
        answer = case.ask("decisions", {"withheld": overlapping})
        assert (answer.status, answer.errors) == (422, {"/withheld/1/record": "RECORD_TWICE"})
