"""A collective record at the doors: no answer tells of a message that is hidden (Order 11)."""

from datetime import timedelta
from typing import Any

from ledger.clock import day_in_japan, now
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import SOURCE, provision


def day(n: int) -> str:
    return (day_in_japan(now()) - timedelta(days=20 - n)).isoformat()


def message(series: str, who: str, **days: object) -> dict[str, Any]:
    members = {"method": "collective", "series_id": series, "transferred_on": None, **days}
    data = provision(principals=[{"scheme": "member", "id": who}], **members)
    return {name: value for name, value in data.items() if name == "transferred_to" or value}


def answers(corridor: Corridor, *, hidden: bool, own: bool = False, sent: bool = True) -> str:
    """All that is told of a person's messages, beside a closing that may be hidden.

    Args:
        own: whether it is a message of the same person.
    """
    name = f"s-{fresh_id()}"
    who = f"CNRY-{name}"
    opened = corridor.record(message(name, who, transferred_from=day(0), transferred_to=None))
    if sent:
        whose = who if own else f"{who}-2"
        closing = message(name, whose, transferred_from=day(0), transferred_to=day(2))
        key = corridor.key("events:write", "records:exclude", source=SOURCE)
        mark = {"order_11": "ii"} if hidden else {}
        item = {"source": SOURCE, "id": fresh_id(), "data": closing, **mark}
        assert corridor.send(item, key=key).status == 200
    later = message(name, who, transferred_on=day(4))
    checked = corridor.ask(
        "POST",
        "/v1/transfers/check",
        {"items": [{"source": SOURCE, "id": fresh_id(), "data": later}]},
        key=corridor.emitter,
    ).body["results"][0]
    second = corridor.record(later)
    [entry] = corridor.history(("member", who))["provisions"]
    officer = corridor.key("records:write")
    told: list[object] = [entry["statutory"], entry["rest"], entry["retain_through"]]
    for one in (opened, second):
        shown = corridor.ask(
            "GET", f"/v1/transfers/{one['transfer']}?reason=inspection", key=officer
        ).body
        told += [shown["retain_through"], [event["type"] for event in shown["events"]]]
    told += [checked["retain_through"], second["retain_through"]]
    return str(told).replace(name, "NAME")


def test_no_answer_tells_whether_a_closing_of_another_is_hidden(corridor: Corridor) -> None:
    assert answers(corridor, hidden=True) == answers(corridor, hidden=False)


def test_a_hidden_closing_of_the_person_changes_no_answer(corridor: Corridor) -> None:
    found = answers(corridor, hidden=True, own=True)
    assert found == answers(corridor, hidden=True, sent=False)
