"""Showings with one fault each. Every single bit of one is flipped by the test itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.format.json import encoded

Members = dict[str, Any]
Edit = Callable[[str, str, Callable[[Members], object]], None]


def sized(checkpoint: str, change: Callable[[str], str]) -> str:
    """The note with another size in its second line."""
    origin, size, rest = checkpoint.split("\n", 2)
    return f"{origin}\n{change(size)}\n{rest}"


BULK, ONE, TWO = "a bulk line", "a line", "after a correction"


@dataclass(slots=True)
class Breaking:
    """Showings by name, and what became of them."""

    showings: dict[str, str]
    found: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def edited(self, name: str, desc: str, edit: Callable[[Members], object]) -> None:
        members = json.loads(self.showings[name])
        edit(members)
        self.found.append({"desc": f"{name}: {desc}", "showing": encoded(members).decode()})

    def spliced(self, name: str, desc: str, old: str, new: str) -> None:
        text = self.showings[name]
        assert old in text, old
        self.found.append({"desc": f"{name}: {desc}", "showing": text.replace(old, new, 1)})


def broken_showings(showings: dict[str, str]) -> list[dict[str, str]]:
    breaking = Breaking(showings)
    break_a_line(breaking.edited)
    break_a_checkpoint(breaking)
    break_several_events(breaking.edited)
    return breaking.found


def break_a_line(edited: Edit) -> None:
    edited(ONE, "unknown member", lambda m: m.update(extra=1))
    edited(ONE, "unknown version", lambda m: m.update(v=2))
    edited(ONE, "version missing", lambda m: m.pop("v"))
    edited(ONE, "nothing shown", lambda m: (m.pop("statement"), m.pop("line")))
    edited(ONE, "index of the event plus one", lambda m: m["events"][0].update(index=2))
    edited(ONE, "index beyond the log", lambda m: m["events"][0].update(index=10**6))
    edited(ONE, "index of the line plus one", lambda m: m["line"].update(index=1))
    edited(ONE, "index of the line beyond the count", lambda m: m["line"].update(index=3))
    edited(ONE, "one hash of the log path missing", lambda m: m["events"][0]["path"].pop())
    edited(ONE, "one hash too many", lambda m: m["events"][0]["path"].append("ab" * 32))
    edited(ONE, "two hashes swapped", lambda m: m["events"][0]["path"].reverse())
    edited(ONE, "the line's path missing", lambda m: m["line"].update(path=[]))
    edited(ONE, "another salt", lambda m: m["line"].update(salt="ab" * 32))
    edited(
        ONE,
        "the statement's salt for the line",
        lambda m: m["line"].update(salt=m["statement"]["salt"]),
    )
    edited(ONE, "upper-case hex", lambda m: m["line"].update(salt=m["line"]["salt"].upper()))
    edited(ONE, "an event that is not there", lambda m: m["line"].update({"in": [1]}))
    edited(ONE, "a part that is not there", lambda m: m["line"].update({"in": [0, 0]}))
    edited(ONE, "an event twice", lambda m: m["events"].append(m["events"][0]))
    edited(ONE, "another statement", lambda m: m["statement"].update(text=m["line"]["text"]))
    edited(
        ONE,
        "another line",
        lambda m: m["line"].update(text=m["line"]["text"].replace("0001", "0002")),
    )


def break_a_checkpoint(breaking: Breaking) -> None:
    edited, spliced = breaking.edited, breaking.spliced
    edited(ONE, "no signature", lambda m: m.update(checkpoint=m["checkpoint"].split("— ledger")[0]))
    edited(ONE, "no checkpoint", lambda m: m.update(checkpoint=""))
    edited(
        ONE,
        "size plus one",
        lambda m: m.update(checkpoint=sized(m["checkpoint"], lambda size: str(int(size) + 1))),
    )
    edited(
        ONE,
        "size with a leading zero",
        lambda m: m.update(checkpoint=sized(m["checkpoint"], lambda size: f"0{size}")),
    )
    edited(
        ONE,
        "an extension line",
        lambda m: m.update(checkpoint=m["checkpoint"].replace("\n\n", "\nx\n\n", 1)),
    )
    edited(
        ONE,
        "base64 with other spare bits",
        lambda m: m.update(checkpoint=m["checkpoint"][:-3] + "B=\n"),
    )
    spliced(ONE, "duplicate key", '{"checkpoint":', '{"checkpoint":"","checkpoint":')
    spliced(ONE, "white space", '"v":1', '"v": 1')
    spliced(ONE, "a float", '"v":1', '"v":1.0')


def break_several_events(edited: Edit) -> None:
    edited(TWO, "an event that nothing is in", lambda m: m["statement"].update({"in": [0]}))
    edited(TWO, "events swapped", lambda m: m["events"].reverse())
    edited(BULK, "parts swapped", lambda m: m["events"][0]["parts"].reverse())
    edited(BULK, "headers of the parts swapped", swap_headers)
    edited(BULK, "the recorded event missing", lambda m: m["events"][0]["parts"].pop(0))
    edited(
        BULK, "index of the chunk plus one", lambda m: m["events"][0]["parts"][1].update(index=2)
    )
    edited(
        BULK,
        "the chunk twice",
        lambda m: m["events"][0]["parts"].__setitem__(0, m["events"][0]["parts"][1]),
    )
    edited(BULK, "a part that nothing is in", lambda m: m.pop("line"))
    edited(BULK, "the line in the recorded event", lambda m: m["line"].update({"in": [0, 0]}))
    edited(BULK, "the line in the completion", lambda m: m["line"].update({"in": [0]}))


def swap_headers(members: Members) -> None:
    one, two = members["events"][0]["parts"]
    one["header"], two["header"] = two["header"], one["header"]
