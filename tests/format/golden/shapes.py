"""`types.json`: the closed list of types and the shapes of all JSON of the format, as data.

A shape is a regular expression that the JSON of a value matches as a whole, the name of a shape, or
an object of members: `{"needs": {name: shape}, "may": {name: shape}}`, with no others. It is a part
of the format for readers that are not ours; our own readers check the same in code, and tests hold
the two against each other. Nothing of ours reads it: it is written here, where it is compared.
"""

from ledger.format.kinds import (
    Code,
    Codes,
    Counts,
    Day,
    Flag,
    Hash,
    Kind,
    LogName,
    Number,
    PartyKey,
)
from ledger.format.types import ATTACHED_MAX, KEYS_MAX, LINES_MAX, TYPES, EventType
from ledger.values import Json

_TEXT = r'"(?:[^"\\]|\\.)*"'
_NUMBER = "(?:0|[1-9][0-9]{0,15})"
_FROM_1 = "[1-9][0-9]{0,15}"
_HASH = '"[0-9a-f]{64}"'
# Every day of the Gregorian calendar from year 1: months of 31 and 30 days, February, leap days.
_DAY = (
    "(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)"
)
_INSTANT = rf'"{_DAY}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){{2}}\.[0-9]{{3}}Z"'


def _list(one: str, most: int) -> str:
    """A list of 1 to `most`."""
    return rf"\[{one}(?:,{one}){{0,{most - 1}}}\]"


def _texts() -> str:
    return rf"\[(?:{_TEXT}(?:,{_TEXT})*)?\]"


def _line(number: str) -> str:
    verdict = (
        rf'\{{(?:"duty":{_TEXT},)?"findings":{_texts()}(?:,"retain_through":"{_DAY}")?'
        rf'(?:,"statutory_items":{_texts()})?\}}'
    )
    principal = rf'\{{"id":{_TEXT}(?:,"name":{_TEXT})?,"scheme":{_TEXT}\}}'
    return (
        rf'\{{(?:"items":{_texts()},)?{number}"principal":{principal}(?:,"verdict":{verdict})?\}}'
    )


_PATH = rf"\[(?:{_HASH}(?:,{_HASH}){{0,62}})?\]"
_PART = rf'\{{"header":{_TEXT},"index":{_NUMBER},"path":{_PATH}\}}'
_SHOWN = rf'\{{"header":{_TEXT},"index":{_NUMBER}(?:,"parts":{_list(_PART, 2)})?,"path":{_PATH}\}}'
_PLACE = rf"\[{_NUMBER}(?:,{_NUMBER})?\]"
_N = f'"n":{_NUMBER},'
_DOCUMENT = rf'\{{"sha256":{_HASH},"size":{_FROM_1}\}}'

_STATEMENT: dict[str, Json] = {
    "needs": {
        "basis": "any",
        "counterparty": "object",
        "direction": "any",
        "duty": "any",
        "items": "any",
        "method": "any",
        "recorded_on": "day",
    },
    "may": {
        "acquisition": "any",
        "consent": "object",
        "date_not_recorded": "any",
        "opt_out_published": "flag",
        "transferred_from": "day",
        "transferred_on": "day",
        "transferred_to": "any",
    },
}
_SHOWING: dict[str, Json] = {
    "needs": {"checkpoint": "any", "events": _list(_SHOWN, 8), "v": "1"},
    "may": {
        "line": {
            "needs": {
                "in": _PLACE,
                "index": "number",
                "path": _PATH,
                "salt": "hash",
                "text": "any",
            },
            "may": {},
        },
        "statement": {"needs": {"in": _PLACE, "salt": "hash", "text": "any"}, "may": {}},
    },
}
SHAPES: dict[str, Json] = {
    "actor": '"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"',
    "any": ".+",
    "attached": _list(_DOCUMENT, ATTACHED_MAX),
    "bytes16": '"[0-9a-f]{32}"',
    "carried_lines": _list(rf"\[{_NUMBER},{_HASH},{_line('')}\]", LINES_MAX),
    "carried_numbered_lines": _list(rf"\[{_NUMBER},{_HASH},{_line(_N)}\]", LINES_MAX),
    "copies": rf'\{{"position":{_FROM_1},"version":{_FROM_1}\}}',
    "day": f'"{_DAY}"',
    "flag": "true|false",
    "hash": _HASH,
    "hashes": _list(_HASH, LINES_MAX),
    "instant": _INSTANT,
    "keys": _list(_HASH, KEYS_MAX),
    "ledger": r'"[^\u0000-\u0020"+/\\\u007f]{1,100}"',
    "line": _line(f"(?:{_N})?"),
    "lines": _list(_line(""), LINES_MAX),
    "number": _NUMBER,
    "numbered_lines": _list(_line(_N), LINES_MAX),
    "object": r"\{.*\}",
    "parts": rf'\{{"count":(?!1,){_FROM_1},"lines":{_FROM_1},"root":{_HASH}\}}',
    "position": _FROM_1,
    "record": r"\{.*\}",
    "recorded_record": r'\{(?:.*,)?"order_11":"[0-4]"(?:,.*)?\}',
    "root": rf'\{{"count":(?:[1-9][0-9]{{0,2}}|1000),"first":{_NUMBER},"root":{_HASH}\}}',
    "root_of_numbered": rf'\{{"count":(?:[1-9][0-9]{{0,2}}|1000),"root":{_HASH}\}}',
    "sealed": rf'\{{"key":{_HASH},"sha256":{_HASH},"size":{_FROM_1}\}}',
    "showing": _SHOWING,
    "statement": _STATEMENT,
    "uuid": '"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"',
}
_CLEAR: dict[str, str] = {
    "actor": "actor",
    "at": "instant",
    "attached": "attached",
    "blind": "bytes16",
    "command": "uuid",
    "copies": "copies",
    "judged_at": "number",
    "keys": "keys",
    "ledger": "ledger",
    "parts": "parts",
    "sealed": "sealed",
    "statement": "hash",
    "stream": "uuid",
    "v": "1",
    "version": "position",
}


def types_data() -> dict[str, Json]:
    """What `golden/types.json` holds."""
    types: dict[str, Json] = {name: _described(name, spec) for name, spec in TYPES.items()}
    return {"shapes": SHAPES, "types": types}


def _shape(kind: Kind) -> Json:
    match kind:
        case Code(length_max):
            return _code(length_max)
        case Codes(length_max, count_max):
            code = _code(length_max)
            return rf"\[(?:{code}(?:,{code}){{0,{count_max - 1}}})?\]"
        case Counts(names):
            return {"needs": {}, "may": dict.fromkeys(names, "number")}
        case LogName():
            return r'"[!#-*,-\[\]-~]{1,240}"'
        case Hash():
            return _HASH
        case Day():
            return "day"
        case Number():
            return "number"
        case Flag():
            return "flag"
        case PartyKey():
            return "bytes16"
        case _:
            raise AssertionError(kind)


def _code(length_max: int) -> str:
    return f'"[A-Za-z0-9][A-Za-z0-9._-]{{0,{length_max - 1}}}"'


def _described(name: str, spec: EventType) -> dict[str, Json]:
    facts: dict[str, Json] = {fact: _shape(kind) for fact, kind in spec.facts.items()}
    shapes: dict[str, Json] = {
        **_CLEAR,
        "type": f'"{name}"',
        "facts": {"needs": {}, "may": facts},
        "lines": "root_of_numbered" if spec.is_numbered else "root",
    }
    described: dict[str, Json] = {
        "classes": [*spec.classes],
        "header": {
            "needs": {member: shapes[member] for member in sorted(spec.required)},
            "may": {member: shapes[member] for member in sorted(spec.may)},
        },
    }
    if spec.is_fixed:
        described["fixed_size"] = True
    if spec.classes and "copies" not in spec.needs:
        described["content"] = _content(name, spec, "salt_key", "")
        if spec.classes[0] == "record":
            described["copy"] = _content(name, spec, "statement_salt", "carried_")
    return described


def _content(name: str, spec: EventType, salt: str, carried: str) -> dict[str, Json]:
    """The sealed JSON of an event, or of its copy."""
    needs: dict[str, Json] = {}
    may: dict[str, Json] = {}
    (may if name == "principals-appended" else needs)["record"] = (
        "recorded_record" if spec.is_recorded else "record"
    )
    if spec.is_recorded:
        needs["fingerprint"] = "hash"
    if "statement" in spec.needs:
        needs |= {"statement": "statement", salt: "hash"}
    if "lines" in spec.needs | spec.may:
        lines = carried + ("numbered_lines" if spec.is_numbered else "lines")
        must = "lines" in spec.needs and not carried
        (needs if must else may)["lines"] = lines
        if carried:
            may["nodes"] = "hashes"
        elif must:
            needs[salt] = "hash"
    return {"needs": needs, "may": may}
