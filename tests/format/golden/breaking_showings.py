"""Showings with one fault each. Every single bit of one is flipped by the test itself."""

import json
from collections.abc import Callable
from typing import Any

from ledger.codec.json import encoded

Members = dict[str, Any]


def sized(checkpoint: str, change: Callable[[str], str]) -> str:
    """The note with another size in its second line."""
    origin, size, rest = checkpoint.split("\n", 2)
    return f"{origin}\n{change(size)}\n{rest}"


def broken_showings(showings: dict[str, str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def edited(name: str, desc: str, edit: Callable[[Members], object]) -> None:
        members = json.loads(showings[name])
        edit(members)
        found.append({"desc": f"{name}: {desc}", "showing": encoded(members).decode()})

    def spliced(name: str, desc: str, old: str, new: str) -> None:
        assert old in showings[name], old
        found.append({"desc": f"{name}: {desc}", "showing": showings[name].replace(old, new, 1)})

    bulk, one, two = "a bulk line", "a line", "after a correction"
    edited(one, "unknown member", lambda m: m.update(extra=1))
    edited(one, "unknown version", lambda m: m.update(v=2))
    edited(one, "version missing", lambda m: m.pop("v"))
    edited(one, "nothing shown", lambda m: (m.pop("statement"), m.pop("line")))
    edited(one, "index of the event plus one", lambda m: m["events"][0].update(index=2))
    edited(one, "index beyond the log", lambda m: m["events"][0].update(index=10**6))
    edited(one, "index of the line plus one", lambda m: m["line"].update(index=1))
    edited(one, "index of the line beyond the count", lambda m: m["line"].update(index=3))
    edited(one, "one hash of the log path missing", lambda m: m["events"][0]["path"].pop())
    edited(one, "one hash too many", lambda m: m["events"][0]["path"].append("ab" * 32))
    edited(one, "two hashes swapped", lambda m: m["events"][0]["path"].reverse())
    edited(one, "the line's path missing", lambda m: m["line"].update(path=[]))
    edited(one, "another salt", lambda m: m["line"].update(salt="ab" * 32))
    edited(
        one,
        "the statement's salt for the line",
        lambda m: m["line"].update(salt=m["statement"]["salt"]),
    )
    edited(one, "upper-case hex", lambda m: m["line"].update(salt=m["line"]["salt"].upper()))
    edited(one, "an event that is not there", lambda m: m["line"].update({"in": [1]}))
    edited(one, "a part that is not there", lambda m: m["line"].update({"in": [0, 0]}))
    edited(one, "an event twice", lambda m: m["events"].append(m["events"][0]))
    edited(one, "another statement", lambda m: m["statement"].update(text=m["line"]["text"]))
    edited(
        one,
        "another line",
        lambda m: m["line"].update(text=m["line"]["text"].replace("0001", "0002")),
    )
    edited(one, "no signature", lambda m: m.update(checkpoint=m["checkpoint"].split("— ledger")[0]))
    edited(one, "no checkpoint", lambda m: m.update(checkpoint=""))
    edited(
        one,
        "size plus one",
        lambda m: m.update(checkpoint=sized(m["checkpoint"], lambda size: str(int(size) + 1))),
    )
    edited(
        one,
        "size with a leading zero",
        lambda m: m.update(checkpoint=sized(m["checkpoint"], lambda size: f"0{size}")),
    )
    edited(
        one,
        "an extension line",
        lambda m: m.update(checkpoint=m["checkpoint"].replace("\n\n", "\nx\n\n", 1)),
    )
    edited(
        one,
        "base64 with other spare bits",
        lambda m: m.update(checkpoint=m["checkpoint"][:-3] + "B=\n"),
    )
    spliced(one, "duplicate key", '{"checkpoint":', '{"checkpoint":"","checkpoint":')
    spliced(one, "white space", '"v":1', '"v": 1')
    spliced(one, "a float", '"v":1', '"v":1.0')
    edited(two, "an event that nothing is in", lambda m: m["statement"].update({"in": [0]}))
    edited(two, "events swapped", lambda m: m["events"].reverse())
    edited(bulk, "parts swapped", lambda m: m["events"][0]["parts"].reverse())
    edited(bulk, "headers of the parts swapped", swap_headers)
    edited(bulk, "the recorded event missing", lambda m: m["events"][0]["parts"].pop(0))
    edited(
        bulk, "index of the chunk plus one", lambda m: m["events"][0]["parts"][1].update(index=2)
    )
    edited(
        bulk,
        "the chunk twice",
        lambda m: m["events"][0]["parts"].__setitem__(0, m["events"][0]["parts"][1]),
    )
    edited(bulk, "a part that nothing is in", lambda m: m.pop("line"))
    edited(bulk, "the line in the recorded event", lambda m: m["line"].update({"in": [0, 0]}))
    edited(bulk, "the line in the completion", lambda m: m["line"].update({"in": [0]}))
    return found


def swap_headers(members: Members) -> None:
    one, two = members["events"][0]["parts"]
    one["header"], two["header"] = two["header"], one["header"]
