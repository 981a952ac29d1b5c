"""What a played case says, beside what it is expected to say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tests.acceptance.reading import Case, CaseError
from tests.acceptance.through_http.answered import Reply
from tests.acceptance.through_http.documents import CSV_FILE, JSON_FILE, PDF_FILE
from tests.acceptance.through_http.playing import Played
from tests.acceptance.through_http.told import Told

Facts = dict[str, Any]
"""Name of one comparison → what is compared; sets are sorted lists."""

_ORDERED = frozenset({"lines", "line_numbers"})


def differences(case: Case, expect: Mapping[str, Any], played: Played) -> list[str]:
    """One line for each thing that is expected and is another."""
    if case.kind == "timeline":
        told = _told_timeline(expect, played)
    else:
        told = _told_masking(case, expect, played)
    wanted = _flat(expect)
    return [
        f"{name}: expected {value!r}, is {told.get(name, 'not there')!r}"
        for name, value in wanted.items()
        if name not in told or told[name] != value
    ]


def _flat(expect: Mapping[str, Any]) -> Facts:
    """An expectation as single comparisons."""
    facts: Facts = {}
    for name, value in expect.items():
        match name:
            case "replies":
                facts["replies"] = sorted((one["case"], one["n"]) for one in value)
                for one in value:
                    for member in one.keys() - {"case", "n"}:
                        place = f"{one['case']}/{one['n']}/{member}"
                        facts[place] = _normal(member, one[member])
            case "flags":
                for one in value:
                    facts[f"flags {one['case']} {one['as_of']}"] = sorted(one["flags"])
            case "purges" | "dispatches" | "refusals":
                facts[name] = [one["at"] for one in value]
                for n, one in enumerate(value):
                    [(member, what)] = [(m, w) for m, w in one.items() if m != "at"]
                    facts[f"{name} {n}"] = _normal(member, what)
            case "shown":
                for one in value:
                    for member in one.keys() - {"case", "page"}:
                        place = f"shown {one['case']}/{one['page']}/{member}"
                        facts[place] = sorted(one[member])
            case _:
                facts[name] = _normal(name, value)
    return facts


def _normal(name: str, value: object) -> object:
    if name in _ORDERED or not isinstance(value, list):
        return value
    return sorted(cast("list[str]", value))


def _told_timeline(expect: Mapping[str, Any], played: Played) -> Facts:
    told = played.told
    replies = [_reply(one, _not_lines(expect, one), told) for one in told.replies]
    flags = [
        {"case": name, "as_of": as_of, "flags": found}
        for (name, as_of), found in told.flags.items()
    ]
    return _flat(
        {
            "replies": replies,
            "flags": flags,
            "purges": told.purges,
            "dispatches": told.dispatches,
            "refusals": told.refusals,
            "shown": [_shown(one, told) for one in expect.get("shown", [])],
            "held": told.held,
            "exceptions": told.exceptions,
        }
    )


def _reply(reply: Reply, not_lines: Sequence[str], told: Told) -> Facts:
    recorded = {key for file in told.files.values() for key in file.keys.values()}
    return {
        "case": reply.case,
        "n": reply.n,
        "decision": reply.decision,
        "template": reply.template,
        "lines": reply.lines,
        "not_lines": [key for key in not_lines if key in recorded - set(reply.lines)],
        "supplementary": reply.supplementary,
        "grounds": reply.grounds,
    }


def _not_lines(expect: Mapping[str, Any], reply: Reply) -> list[str]:
    for one in expect["replies"]:
        if (one["case"], one["n"]) == (reply.case, reply.n):
            found: list[str] = one.get("not_lines", [])
            return found
    return []


def _shown(wanted: Facts, told: Told) -> Facts:
    """Which of the words a page showed when it was last looked at, and which it did not."""
    texts = {wanted["page"]: told.files[wanted["case"]].pages.get(wanted["page"], "")}
    return {
        "case": wanted["case"],
        "page": wanted["page"],
        "present": [one for one in wanted["present"] if any(_in(one, texts))],
        "absent": [one for one in wanted.get("absent", []) if not any(_in(one, texts))],
    }


def _told_masking(case: Case, expect: Mapping[str, Any], played: Played) -> Facts:
    if played.equal is not None:
        return {"equal": played.equal}
    file = played.told.files[case.given["case"]]
    if not file.replies:
        raise CaseError(f"{case.id}: {file.name} was not answered")
    reply = file.replies[-1]
    texts = {**reply.letter.texts(), **file.seen}
    return _flat(
        {
            "lines": reply.lines,
            "line_numbers": reply.line_numbers,
            "officer_count": reply.counted,
            "absent": [one for one in expect.get("absent", []) if not any(_in(one, texts))],
            "present": [
                one
                for one in expect.get("present", [])
                if all(_in(one, {name: texts[name] for name in _showing(one, played.told)}))
            ],
        }
    )


def _showing(wanted: str, told: Told) -> tuple[str, ...]:
    """Where it must stand: what records and names say also in the files, the rest on the paper."""
    is_recorded = wanted in told.words
    return (PDF_FILE, JSON_FILE, CSV_FILE) if is_recorded else (PDF_FILE,)


def _in(wanted: str, texts: Mapping[str, str]) -> Iterator[bool]:
    bare = _bare(wanted)
    return (bare in _bare(text) for text in texts.values())


def _bare(text: str) -> str:
    """Without white space, which the setting of lines moves."""
    return re.sub(r"\s", "", text)
