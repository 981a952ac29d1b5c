"""Expectations made wrong, one thing at a time, in ways that a careless comparison would miss."""

from collections.abc import Iterator, Mapping
from typing import Any

Expect = Mapping[str, Any]

DECISIONS = ("full_disclosure", "not_exist")
TEMPLATES = ("FULL", "NOT_EXIST")
# In every letter, and in none.
EVERYWHERE, NOWHERE = "個人情報", "どこにもない文字列"


def wrong(expect: Expect) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what is wrong, the whole expectation with it)."""
    for name, value in expect.items():
        for what, other in _wrong_member(name, value):
            yield f"{name}: {what}", {**expect, name: other}


def _wrong_member(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- JSON
    match name:
        case "replies":
            yield from _wrong_replies(value)
        case "flags":
            for n, one in enumerate(value):
                for flags in _wrong_list(one["flags"], "DECISION_VOID"):
                    yield f"{n}", [*value[:n], {**one, "flags": flags}, *value[n + 1 :]]
        case "purges":
            for n, one in enumerate(value):
                for purged in _wrong_list(one["purged"], "X"):
                    yield f"{n}", [*value[:n], {**one, "purged": purged}, *value[n + 1 :]]
            yield "one more", [*value, {"at": "2099-01-01T00:00:00+09:00", "purged": []}]
        case "dispatches":
            for n, one in enumerate(value):
                other = {**one, "dispatched": not one["dispatched"]}
                yield f"{n}", [*value[:n], other, *value[n + 1 :]]
        case "refusals":
            yield from _wrong_refusals(value)
        case "shown":
            for n, one in enumerate(value):
                absent = [*one.get("absent", []), one["present"][0]]
                for other in ({"present": [*one["present"], NOWHERE]}, {"absent": absent}):
                    yield f"{n}", [*value[:n], {**one, **other}, *value[n + 1 :]]
        case "equal":
            yield "the other", not value
        case "officer_count":
            yield "one more", value + 1
        case "absent":
            yield "what is there", [*value, EVERYWHERE]
        case "present":
            yield "what is not there", [*value, NOWHERE]
        case "line_numbers":
            yield "one more", [*value, 99]
            yield "none", []
        case _:
            for other in _wrong_list(value, "X"):
                yield f"{other}", other


def _wrong_refusals(value: list[Any]) -> Iterator[tuple[str, Any]]:
    for n, one in enumerate(value):
        yield f"without {n}", [*value[:n], *value[n + 1 :]]
        pointer = next(iter(one["errors"]))
        for errors in (
            {**one["errors"], pointer: "X"},
            {**one["errors"], f"{pointer}/0": one["errors"][pointer]},
        ):
            yield f"{n}", [*value[:n], {**one, "errors": errors}, *value[n + 1 :]]


def _wrong_replies(value: list[Any]) -> Iterator[tuple[str, Any]]:
    yield "one more", [*value, {"case": "C99", "n": 1, "lines": []}]
    for n, reply in enumerate(value):
        yield f"without {n}", [*value[:n], *value[n + 1 :]]
        for member, other in _wrong_reply(reply):
            yield f"{n} {member}", [*value[:n], {**reply, member: other}, *value[n + 1 :]]


def _wrong_reply(reply: Expect) -> Iterator[tuple[str, Any]]:
    yield "n", reply["n"] + 1
    yield "decision", next(one for one in DECISIONS if one != reply["decision"])
    yield "template", next(one for one in TEMPLATES if one != reply["template"])
    yield "supplementary", not reply["supplementary"]
    for lines in _wrong_list(reply["lines"], "X"):
        yield "lines", lines
    if len(reply["lines"]) > 1:
        yield "lines", [*reversed(reply["lines"])]
    for key in reply["lines"][:1] or ["X"]:
        yield "not_lines", [*reply.get("not_lines", []), key]
    for grounds in _wrong_list(reply.get("grounds", []), "ART33_2_III"):
        yield "grounds", grounds


def _wrong_list(value: list[str], more: str) -> Iterator[list[str]]:
    """With one less, and with one more or another one."""
    if value:
        yield value[1:]
    yield [*value, more] if more not in value else [*value, "Y"]
