"""Records, versions, tables, filters and counts that are not as the log has them: refused."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.exports.verify import HASH, MISSING, VERSION
from ledger.merkle import narrowed
from ledger.merkle.hashes import leaf_hash
from tests.exports.defects import RECORDS, each, in_json, in_row, in_text
from tests.exports.golden_bags import content, row_of
from tests.exports.lying import (
    COUNTS,
    FILTERS,
    TABLE,
    Change,
    Lie,
    Row,
    about,
    added,
    cells,
    counted,
    destroyed,
    filters,
    gone,
    in_rows,
    in_table,
    swapped,
    without,
)

HEADERS: Final = "data/proofs/headers.ndjson"


def _cut(events: int) -> Change:
    """Of a transfer in parts the first events alone: persons are left out."""

    def change(row: Row) -> None:
        del row["events"][events:]

    return each(in_row(0, change), cells(0, {17: str(events - 1)}), counted)


def as_hash(event: Row) -> None:
    """The last person is a hash in the tree, as if destroyed."""
    lines = event["lines"]
    leaves = {one["j"]: leaf_hash(bytes.fromhex(one["commitment"])) for one in lines}
    nodes = narrowed(len(lines), leaves, [], leaves.keys() - {len(lines) - 1})
    event["nodes"] = [one.hex() for one in nodes]
    lines.pop()


def _commitment(found: list[Row], record: int) -> None:
    found[record]["events"][0]["lines"][0]["commitment"] = found[0]["events"][0]["lines"][0][
        "commitment"
    ]


def _statements(found: list[Row], first: tuple[int, int], second: tuple[int, int]) -> None:
    one, other = (found[record]["events"][event] for record, event in (first, second))
    one["statement"], other["statement"] = other["statement"], one["statement"]


def _shown(event: Row) -> None:
    event["statement"]["shown"]["items"] = ["見本"]


def _before(record: int) -> Row:
    """What a record was before it was destroyed."""
    return row_of("before", record)


def _alive(found: list[Row]) -> None:
    found[0] = _before(0)


_ALIVE = tuple(content("before", TABLE).decode("utf-8-sig").split("\r\n")[1].split(","))


def _next_version(found: list[Row]) -> None:
    found[0]["events"].append(dict(found[0]["events"][-1]))


_PERSON: dict[str, Any] = {"identifiers": 1, "case": "2026-1"}

OF_DESTROYED: Mapping[str, Lie] = {
    "destroyed, and a living copy in its stream": Lie(
        "kept", MISSING, "not destroyed, and not shown", destroyed(2)
    ),
    "destroyed, and a living copy of one person in its stream": Lie(
        "kept", MISSING, "not destroyed, and not shown", destroyed(1)
    ),
    "destroyed, and its key is not": Lie(
        "kept", MISSING, "not destroyed, and not shown", destroyed(3)
    ),
    "a person destroyed whose record is not": Lie(
        "whole", MISSING, "not destroyed, and not shown", each(about(as_hash, record=4), counted)
    ),
    "shown, and destroyed in the log": Lie(
        "kept",
        HASH,
        "destroyed, and shown",
        each(in_rows(_alive), cells(0, dict(enumerate(_ALIVE))), counted),
    ),
    "destroyed, and shown without its content": Lie(
        "kept", MISSING, "statement", about(lambda one: one.pop("destroyed"))
    ),
    "destroyed, in a bag that proves no destruction": Lie(
        "kept-plain",
        HASH,
        "destroyed",
        each(
            in_rows(lambda found: found.insert(0, row_of("kept", 0))),
            in_table(
                lambda found: found.insert(
                    0, content("kept", TABLE).decode("utf-8-sig").split("\r\n")[1].split(",")
                )
            ),
            counted,
        ),
    ),
    "the name in a cell of what was destroyed": Lie(
        "kept", HASH, f"{TABLE}: 1", cells(0, {9: "青空商事株式会社"})
    ),
    "the findings in a cell of what was destroyed": Lie(
        "kept", HASH, f"{TABLE}: 1", cells(0, {15: "根拠なし"})
    ),
    "the persons in a cell of what was destroyed": Lie(
        "kept", HASH, f"{TABLE}: 1", cells(0, {14: "9"})
    ),
    "the source of what was destroyed": Lie(
        "kept",
        HASH,
        "source",
        each(
            in_row(0, lambda row: row.update(source="https://one.example")),
            cells(0, {19: "https://one.example"}),
        ),
    ),
    "destroyed, and said to stand": Lie(
        "kept", HASH, "status", in_row(0, lambda row: row.update(status="standing"))
    ),
    "destroyed by another word": Lie(
        "kept", HASH, "destroyed", about(lambda one: one.update(destroyed="yes"))
    ),
    "a copy that is said to be destroyed": Lie("kept", HASH, "destroyed", gone(2, event=1)),
}

OF_VERSIONS: Mapping[str, Lie] = {
    "the newest version left out of a whole bag": Lie(
        "whole",
        MISSING,
        "version 3",
        each(
            in_row(0, lambda row: row["events"].pop()),
            cells(0, {13: "氏名、住所", 17: "1"}),
            counted,
        ),
    ),
    "a retraction left out of a whole bag": Lie(
        "whole",
        MISSING,
        "version 2",
        each(
            in_row(3, lambda row: (row["events"].pop(), row.update(status="standing"))),
            cells(3, {17: "0", 18: "有効"}),
            counted,
        ),
    ),
    "a record left out of a whole bag": Lie("whole", MISSING, "position 2", without(1)),
    "all records left out of a whole bag": Lie("whole", MISSING, "position 1", without(*range(5))),
    "a record left out of what was asked for": Lie("asked", MISSING, "position 5", without(2)),
    "a version twice": Lie("whole", MISSING, "version 4", in_rows(_next_version)),
    "versions in another order": Lie(
        "whole", MISSING, "version 1", in_row(0, lambda row: row["events"].reverse())
    ),
    "a version of another record": Lie(
        "plain",
        HASH,
        "position",
        in_rows(lambda found: found[1]["events"].append(found[0]["events"][1])),
    ),
    "the events of another record": Lie(
        "plain", HASH, "position", in_rows(lambda found: found[1].update(events=found[0]["events"]))
    ),
    "records in another order": Lie(
        "plain",
        HASH,
        RECORDS,
        each(in_rows(lambda found: swapped(found, 0, 1)), in_table(lambda f: swapped(f, 0, 1))),
    ),
    "a record twice, under the next number": Lie(
        "plain",
        HASH,
        f"{RECORDS}: 2",
        each(
            in_rows(lambda found: found.insert(1, dict(found[0]))),
            in_table(lambda found: found.insert(1, list(found[0]))),
            counted,
        ),
    ),
    "the position of another event": Lie(
        "plain", HASH, "position 2", about(lambda one: one.update(position=2))
    ),
    "a position below the first": Lie(
        "plain", HASH, "position", about(lambda one: one.update(position=-1))
    ),
    "a position that is a text": Lie(
        "plain", HASH, RECORDS, about(lambda one: one.update(position="1"))
    ),
    "a position that is a flag": Lie(
        "plain", HASH, RECORDS, about(lambda one: one.update(position=True))
    ),
    "a position beyond the log": Lie(
        "plain", HASH, "position", about(lambda one: one.update(position=9))
    ),
}

OF_COMMITMENTS: Mapping[str, Lie] = {
    "statements of two records, each at the other": Lie(
        "plain", HASH, "statement", in_rows(lambda found: _statements(found, (0, 0), (1, 0)))
    ),
    "statements of two versions, each at the other": Lie(
        "plain", HASH, "statement", in_rows(lambda found: _statements(found, (0, 0), (0, 1)))
    ),
    "a commitment used a second time": Lie(
        "plain",
        HASH,
        "lines",
        about(lambda one: one["lines"][1].update(commitment=one["lines"][0]["commitment"])),
    ),
    "a commitment of another record": Lie(
        "plain", HASH, "lines", in_rows(lambda found: _commitment(found, 1))
    ),
    "persons of two records, each at the other": Lie(
        "named",
        HASH,
        "lines",
        in_rows(
            lambda found: (found[1]["events"][0].update(lines=found[3]["events"][0]["lines"]),)
        ),
    ),
    "another person in a line": Lie(
        "named",
        HASH,
        "lines",
        about(lambda one: one["lines"][0].update(text=one["lines"][0]["text"].replace("P1", "P9"))),
    ),
    "a salt of another line": Lie(
        "named",
        HASH,
        "lines",
        about(lambda one: one["lines"][0].update(salt=one["lines"][1]["salt"])),
    ),
    "a salt in another spelling": Lie(
        "named",
        HASH,
        "statement",
        about(lambda one: one["statement"].update(salt=one["statement"]["salt"] + "00")),
    ),
    "a name in place of a pseudonym": Lie(
        "plain", HASH, "lines", about(lambda one: one["lines"][0].update(pseudonym="見本 個人"))
    ),
    "an identifier in place of a pseudonym": Lie(
        "plain", HASH, "lines", about(lambda one: one["lines"][0].update(pseudonym="member:P1"))
    ),
    "the name of an individual in the table": Lie(
        "plain", HASH, f"{TABLE}: 3", in_text(TABLE, "(個人)", "見本 個人")
    ),
    "the address of an individual in the table": Lie(
        "plain", HASH, f"{TABLE}: 3", cells(2, {10: "京都府京都市見本町1"})
    ),
    "items of a withheld statement that the table has not": Lie(
        "plain", HASH, f"{TABLE}: 3", about(_shown, record=2)
    ),
}

OF_TABLES: Mapping[str, Lie] = {
    "provided, said to be received": Lie(
        "plain", HASH, f"{TABLE}: 1", in_text(TABLE, ",提供,", ",受領,")
    ),
    "another duty in the table": Lie("plain", HASH, f"{TABLE}: 1", in_text(TABLE, "art29", "none")),
    "another count of corrections": Lie("plain", HASH, f"{TABLE}: 1", cells(0, {17: "0"})),
    "another end of retention": Lie("plain", HASH, f"{TABLE}: 2", cells(1, {16: "2026-06-02"})),
    "rows of the table in another order": Lie(
        "plain", HASH, f"{TABLE}: 1", in_table(lambda found: swapped(found, 0, 1))
    ),
    "a twin in full width in the table": Lie("plain", HASH, f"{TABLE}: 1", cells(0, {12: "ｘ"})),
    "a twin with a space of no width in the table": Lie(
        "plain", HASH, f"{TABLE}: 1", cells(0, {9: "青空商事\u200b株式会社"})
    ),
    "a formula in the table without its guard": Lie(
        "plain", HASH, f"{TABLE}: 5", in_text(TABLE, "'=1+1", "=1+1")
    ),
    "a cell that programs read in two ways": Lie(
        "plain", HASH, TABLE, in_text(TABLE, "青空商事株式会社", '"青空商事"株式会社')
    ),
    "a cell in quotes that it does not need": Lie(
        "plain", HASH, TABLE, in_text(TABLE, "青空商事株式会社", '"青空商事株式会社"')
    ),
    "a line of the table that ends otherwise": Lie(
        "plain", HASH, TABLE, in_text(TABLE, "\r\n2,2,", "\n2,2,")
    ),
    "an empty line in the table": Lie(
        "plain", HASH, TABLE, in_text(TABLE, "\r\n2,2,", "\r\n\r\n2,2,")
    ),
    "a second byte order mark in the table": Lie(
        "plain", HASH, TABLE, added(TABLE, b"\xef\xbb\xbf", before=True)
    ),
    "a cell more in a row of the table": Lie(
        "plain", HASH, f"{TABLE}: 1", in_text(TABLE, "\r\n2,2,", ",見本\r\n2,2,")
    ),
}

OF_TEXT: Mapping[str, Lie] = {
    "a byte order mark before the records": Lie(
        "plain", HASH, RECORDS, added(RECORDS, b"\xef\xbb\xbf", before=True)
    ),
    "records whose lines end otherwise": Lie(
        "plain", HASH, RECORDS, lambda bag: _with_returns(bag / RECORDS)
    ),
    "an empty line behind the records": Lie("plain", HASH, RECORDS, added(RECORDS, b"\n")),
    "text behind the records": Lie("plain", HASH, RECORDS, added(RECORDS, b"all good")),
    "a value behind the filters": Lie("plain", HASH, FILTERS, added(FILTERS, b"{}")),
    "a number that is none": Lie("plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":NaN')),
    "a number without end": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":Infinity')
    ),
    "a number with a fraction": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":1.0')
    ),
    "a number of thousands of digits": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', f'"row":{"9" * 5_000}')
    ),
    "a number in an unproven place that is none": Lie(
        "plain", HASH, RECORDS, about(lambda one: one["lines"][0].update(n=float("nan")))
    ),
    "a name of a member in full width beside it": Lie(
        "plain", HASH, f"{RECORDS}: 1", in_text(RECORDS, '"row":1', '"row":1,"ｒow":2')
    ),
    "a name of a member twice, once escaped": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":1,"\\u0072ow":2')
    ),
    "half a character": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":1,"source":"\\ud800"')
    ),
}

OF_FILTERS: Mapping[str, Lie] = {
    "a record that was not asked for, by its basis": Lie(
        "plain", HASH, "not asked for", filters(asked={"bases": ["none"]})
    ),
    "a record that was not asked for, by its day": Lie(
        "plain", HASH, "not asked for", filters(asked={"first": "2026-04-30"})
    ),
    "a record that was not asked for, by its source": Lie(
        "plain", HASH, "not asked for", filters(asked={"source": "https://two.example"})
    ),
    "a record that was not asked for, by its counterparty": Lie(
        "plain", HASH, "not asked for", filters(asked={"counterparty": "y"})
    ),
    "a record that was not asked for, without its person": Lie(
        "kept", HASH, "not asked for", filters(asked=_PERSON)
    ),
    "a filter that is wider than what is in the bag": Lie(
        "asked", MISSING, "position 4", filters(asked={"last": "2026-04-30"})
    ),
    "no filter, where one was applied": Lie("asked", MISSING, "position 2", filters(asked={})),
    "a plain bag that says whole": Lie("plain", HASH, "withheld", filters(whole=True)),
    "a plain bag that says whole, in all its words": Lie(
        "plain",
        MISSING,
        "headers",
        in_json(FILTERS, lambda told: told.update(whole=True, withheld=told["withheld"][1:])),
    ),
    "pseudonyms that are said to be names": Lie(
        "plain",
        HASH,
        "lines",
        in_json(
            FILTERS,
            lambda told: told.update(
                identified=True, withheld=[told["withheld"][0], told["withheld"][2]]
            ),
        ),
    ),
    "names that are said to be pseudonyms": Lie("named", HASH, "", filters(identified=False)),
    "nothing is said to be left out": Lie("plain", HASH, "withheld", filters(withheld=[])),
    "something else is said to be left out": Lie(
        "plain",
        HASH,
        "withheld",
        in_json(FILTERS, lambda told: told["withheld"][0].update(code="nothing")),
    ),
    "another guard of cells": Lie("plain", HASH, "csv_guard", filters(csv_guard="")),
    "another ledger": Lie("plain", HASH, "position 1", filters(ledger="other-ledger")),
    "another ledger, and no record": Lie(
        "whole",
        HASH,
        "headers",
        each(
            without(*range(5)), filters(ledger="other-ledger", asked={"bases": ["not_applicable"]})
        ),
    ),
    "another size": Lie("plain", HASH, "checkpoint", filters(size=7)),
    "a size that is a flag": Lie("plain", HASH, FILTERS, filters(size=True)),
    "another root": Lie("plain", HASH, "checkpoint", filters(root="00" * 32)),
    "a question that is longer than one can be": Lie(
        "plain", HASH, "case", filters(asked={"case": "x" * 501})
    ),
    "a format that is none": Lie(
        "plain", VERSION, "ppl-export/2.1", filters(format="ppl-export/2.1")
    ),
    "a format in another type": Lie("plain", VERSION, FILTERS, filters(format=["ppl-export/2"])),
}


def _months(told: Row, **changes: object) -> None:
    told["by_month"].update(changes)


OF_COUNTS: Mapping[str, Lie] = {
    "a record more is counted": Lie(
        "plain", MISSING, "records: 5 / 6", in_json(COUNTS, lambda told: told.update(records=6))
    ),
    "a record less is counted": Lie(
        "plain", HASH, "records", in_json(COUNTS, lambda told: told.update(records=4))
    ),
    "an event less is counted": Lie(
        "plain", HASH, "events", in_json(COUNTS, lambda told: told.update(events=7))
    ),
    "a person less is counted": Lie(
        "plain", HASH, "persons", in_json(COUNTS, lambda told: told.update(persons=1))
    ),
    "a count that is a flag": Lie(
        "plain", HASH, "by_month", in_json(COUNTS, lambda told: _months(told, **{"2026-05": True}))
    ),
    "a month without a record": Lie(
        "plain", HASH, "by_month", in_json(COUNTS, lambda told: _months(told, **{"2026-06": 0}))
    ),
    "a record of another month": Lie(
        "plain", HASH, "by_month", in_json(COUNTS, lambda told: _months(told, **{"2026-05": 2}))
    ),
    "a count that is not known": Lie(
        "plain", HASH, COUNTS, in_json(COUNTS, lambda told: told.update(lawful=5))
    ),
}


def _with_returns(place: Any) -> None:  # noqa: ANN401 -- a path
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))


OF_PARTS: Mapping[str, Lie] = {
    **{
        f"of a transfer in parts {events} events": Lie(
            "bulk-plain", MISSING, "1: transfer-completed", _cut(events)
        )
        for events in (1, 2, 3)
    },
    "of a transfer in parts, in the bag of every event, one": Lie(
        "bulk", MISSING, "version 2", _cut(1)
    ),
    "of a transfer in parts a part taken out": Lie(
        "bulk-plain",
        MISSING,
        "version 2",
        each(in_row(0, lambda row: row["events"].pop(1)), cells(0, {17: "2"}), counted),
    ),
}
REFUSED: Mapping[str, Lie] = {
    **OF_PARTS,
    **OF_DESTROYED,
    **OF_VERSIONS,
    **OF_COMMITMENTS,
    **OF_TABLES,
    **OF_TEXT,
    **OF_FILTERS,
    **OF_COUNTS,
}
