"""A rejected item whose mark under Order 11 is malformed itself is shown to nobody else.

Attack: an emitter marks a transfer, and the mark or what it stands in is malformed: another
spelling, full width or a soft hyphen in its name, another place, a line that is cut off. A keeper
of rejected items who may not exclude reads it in the quarantine, and records it without its mark.
Held off by: a mark is looked for in all that came in, whatever it is called and wherever it
stands, folded as it looks: width, case, blanks, accents, and what no reader sees; and what cannot
be read may have one (`ledger.quarantine.marks`); what a rejected item keeps of its event holds the
mark.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.quarantine.marks import may_be_marked, text_may_be_marked
from ledger.values import Json
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import SOURCE, provision
from tests.doors.test_events import BATCH, LINES, STRUCTURED, TYPE, event
from tests.doors.test_quarantine import act, waiting
from tests.matrix import every

BROKEN: Final = provision(items=[])
SPELLINGS: Final = (
    "order_11",
    "order11",
    "Order11",
    "ORDER-11",
    "order 11",
    "order__11",
    "oRdEr.11",
    "order_１１",
    "ｏｒｄｅｒ＿１１",
    "order１１",
    "order\t11",
    "or\tder_11",
    "o r d e r　1 1",
    "ord\u00ader_11",
    "order\u200b_1\u20601",
    "order\n\x0011",
    "order⑪",
    "\U0001d428rder_11",
    "o\u0308rdér_11",
    "order_١١",
)
ABSENT: Final[list[Json]] = [None, False, "", "none"]
"""Values of `order_11` that say that there is no mark."""


def line(**members: object) -> bytes:
    return orjson.dumps(event(order11="i", **members))


def b64(value: object) -> str:
    return base64.b64encode(orjson.dumps(value)).decode()


LINES_SENT: Final = {
    "a line that is cut off": line()[:-1],
    "a line that is cut off before its mark": orjson.dumps(event())[:-9],
    "a line that repeats a member": line()[:-1] + b',"time":null,"time":null}',
    "a line that is not UTF-8": line() + b"\xff",
    "an array in a line": b"[" + line() + b"]",
}
EVENTS: Final[dict[str, Any]] = {
    "malformed": event(order11="i", data=BROKEN),
    "no ground": event(order11="v"),
    "an object for a mark": event(order11={"ground": "i"}),
    "in the data": event(data={**provision(), "order_11": "i"}),
    "in base64": event(data="removed", data_base64=b64({**provision(), "order_11": "i"})),
    "beside the data, in base64": event(data_base64=b64({"order_11": "i"})),
    "in base64 that is cut off": event(
        data="removed", data_base64=b64({**provision(), "order_11": "i"})[:-3]
    ),
    "in the value of an attribute": event(subject="order-11/i", data=BROKEN),
    **{f"spelled {one}": event(**{one: "i"}) for one in SPELLINGS if one != "order11"},
}
HEADERS: Final = {
    "not decoded": {"ce-order11": "%ff"},
    "header order_11": {"ce-order_11": "i"},
    "header order-11": {"ce-order-11": "i"},
}
MEMBERS: Final = {f"member {one}": {one: "i"} for one in SPELLINGS if one != "order_11"}


def sent(corridor: Corridor) -> Iterator[tuple[str, Answer]]:
    """What an emitter who may mark sends."""
    key = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")

    def events(content: bytes, **headers: str) -> Answer:
        return corridor.ask("POST", "/v1/events", key=key, content=content, headers=headers)

    for name, one in LINES_SENT.items():
        yield name, events(one + b"\n", **{"Content-Type": LINES})
    for name, one in EVENTS.items():
        yield name, events(orjson.dumps(one), **{"Content-Type": STRUCTURED})
    yield "an array", events(orjson.dumps([[event(order11="i")]]), **{"Content-Type": BATCH})
    for number, (name, marks) in enumerate(HEADERS.items()):
        attributes = {"ce-specversion": "1.0", "ce-type": TYPE, "ce-source": SOURCE}
        binary = {**attributes, "ce-id": f"b{number}", "Content-Type": "application/json"}
        yield name, events(orjson.dumps(provision()), **binary, **marks)
    for name, marks in MEMBERS.items():
        item = {"source": SOURCE, "id": name, "data": provision(), **marks}
        yield name, corridor.ask("POST", "/v1/transfers", {"items": [item]}, key=key)


def kept_of(answer: Answer) -> str | None:
    results = answer.body.get("results", [answer.body])
    return results[0].get("quarantine")


def test_no_keeper_who_may_not_exclude_reads_or_repairs_an_item_with_a_broken_mark(
    corridor: Corridor,
) -> None:
    kept = {name: kept_of(answer) for name, answer in sent(corridor)}
    assert [name for name, one in kept.items() if one is None] == []
    listed = waiting(corridor)
    assert [name for name, one in kept.items() if one in listed] == []
    repairable = {"source": SOURCE, "id": "x", "data": provision()}
    found = {name: act(corridor, one or "", "repair", repairable) for name, one in kept.items()}
    assert [name for name, answer in found.items() if answer.status != 404] == []
    cases = corridor.key("cases:read")
    assert corridor.ask("GET", "/v1/coverage", key=cases).body["quarantine"] == 0
    # Who may exclude reads the mark in the item.
    chief = corridor.key("quarantine:write", "records:exclude", label="chief")
    page = corridor.ask("GET", "/v1/quarantine?limit=100", key=chief).body
    items = {one["id"]: one["item"] for one in page["items"]}
    told = {name: items[one or ""] for name, one in kept.items()}
    unread = {"a line that is not UTF-8", "a line that is cut off before its mark"}
    in_base64 = {name for name, one in told.items() if "data_base64" in one}
    markless = {name for name, one in told.items() if not may_be_marked({"kept": one})}
    assert markless <= unread | in_base64


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_spelling = st.tuples(
    st.sampled_from(["order", "Order", "ORDER", "ｏｒｄｅｒ", "or\tder", "or\u00ad\u200bder"]),
    st.sampled_from(["", "_", "-", " ", "__", "・", "\t", "\u2060", "＿", "\\"]),
    st.sampled_from(["11", "１１", "1\u00ad1", "⑪"]),
).map("".join)


def _inside(mark: Json, way: list[tuple[str, Json]]) -> Json:
    for name, beside in way:
        mark = [beside, mark] if name == "" else {"beside": beside, name: mark}
    return mark


@given(spelling=_spelling, ground=_json, way=st.lists(st.tuples(st.text(max_size=8), _json)))
def test_a_mark_is_found_wherever_it_stands(
    spelling: str, ground: Json, way: list[tuple[str, Json]]
) -> None:
    says_none = spelling == "order_11" and json.dumps(ground) in map(json.dumps, ABSENT)
    assert may_be_marked(_inside({spelling: ground}, way)) or says_none
    for escape in (False, True):
        text = json.dumps(_inside({spelling: ground}, way), ensure_ascii=escape)
        assert may_be_marked(_inside({"as text": text}, way))
        assert may_be_marked(_inside({"in it": json.dumps({"as text": text})}, way))


@given(cut=st.integers(0, 400))
def test_a_line_that_is_cut_off_anywhere_may_be_marked(cut: int) -> None:
    assert may_be_marked({"line": line()[:cut].decode(errors="ignore")})


@pytest.mark.parametrize(
    "name",
    [
        "order-1123",
        "order_110",
        "reorder",
        "order",
        "第11条",
        "11",
        "ｏｒｄｅｒ＿１１２",
        "注文１１",
        "border 1",
    ],
)
def test_what_is_no_mark_is_shown(name: str) -> None:
    assert not may_be_marked({"source": SOURCE, "id": name, "data": BROKEN})


@every("value", ABSENT)
def test_a_member_that_says_that_there_is_no_mark_is_none(value: Json) -> None:
    deeper: Json = {"data": {"a": 1, "order_11": value, "b": [1]}, "x": {}}
    items: list[Json] = [{"order_11": value}, deeper]
    for item in items:
        assert not may_be_marked(item)
        assert not text_may_be_marked(orjson.dumps(item))


BESIDE: Final[dict[str, Json]] = {
    "a ground": {"order_11": "i"},
    "a number": {"order_11": 0},
    "another word": {"order_11": "None"},
    "a list": {"order_11": [None]},
    "another spelling": {"order11": None},
    "full width": {"order_１１": None},
    "another mark": {"order_11": None, "data": {"order_11": "i"}},
    "another member": {"order_11": None, "order_11_ground": "i"},
    "a text": {"order_11": None, "note": "order_11"},
    "JSON in a text": {"order_11": None, "data": '{"order_11":null}'},
    "a text like a member": {"note": ',"order_11":null,'},
    "a name with a quote": {'a,"order_11': None},
    "what could not be read": {"order_11": None, "line": "{"},
}


@every("item", BESIDE)
def test_whatever_else_may_be_a_mark_is_one_beside_a_member_that_says_none(item: str) -> None:
    assert may_be_marked(BESIDE[item])
    assert text_may_be_marked(orjson.dumps(BESIDE[item]))


_member = st.sampled_from(["line", "line_base64", "data_base64", "Line", "a"])
_unread = st.recursive(
    st.text(max_size=3) | _member,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_member, inner, max_size=3),
)


@given(_unread)
def test_the_text_of_an_item_tells_of_a_mark_as_the_item_does(item: Json) -> None:
    assert text_may_be_marked(orjson.dumps(item)) == may_be_marked(item)
