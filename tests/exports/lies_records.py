"""False content beside true content of records, refused all the same."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ledger.crypto.notes import signed_note
from ledger.exports.verify import (
    HEADERS,
    LEAVES,
    MISSING,
    NOTE,
    VERSION,
    event_hash,
    root_of,
    sha,
)
from ledger.format.json import canonical
from ledger.merkle import narrowed
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashes import leaf_hash
from tests.exports.lying import (
    COUNTS,
    FILTERS,
    RECORDS,
    TABLE,
    Change,
    Lie,
    Row,
    about,
    added,
    asked_less,
    begun,
    bulk,
    bulk_plain_less,
    cells,
    counted,
    counts,
    cut,
    destroyed,
    each,
    filters,
    in_json,
    in_row,
    in_rows,
    in_table,
    in_text,
    kept,
    kept_less,
    kept_plain,
    lose_line,
    named,
    of_event,
    of_line,
    of_row,
    of_statement,
    person,
    plain,
    plain_less,
    swapped,
    whole,
    whole_ends,
    whole_less,
    without,
    write,
)
from tests.exports.world import ORIGIN, SIGNER, content, row_of


def _beside_all(event: Row) -> None:
    line: Row = {
        "j": -1,
        "commitment": "00" * 32,
        "pseudonym": "A" * 16,
        "verdict": {"findings": []},
    }
    event["lines"].insert(0, line)


def _statement_of_nothing(event: Row) -> None:
    event["statement"] = {"salt": "00" * 32, "text": '{"items":["見本"]}'}


def _destroyed(event: Row) -> None:
    event["destroyed"], event["lines"] = True, []
    event["statement"]["text"] = event["statement"]["text"].replace("氏名", "見本")


def _withheld(event: Row) -> None:
    shown = {"items": ["見本"], "counterparty": {"kind": "individual"}}
    event["statement"] = {"withheld": "individual", "shown": shown}


def _shown(**changes: Any) -> Change:  # noqa: ANN401 -- JSON
    return about(lambda event: event["statement"]["shown"].update(changes), record=2)


def _asked(**asked: Any) -> Callable[[Path], None]:  # noqa: ANN401 -- JSON
    """Nothing is in the bag, and this is said to be why."""

    def make(bag: Path) -> None:
        (bag / RECORDS).write_text("")
        head, _, _ = (bag / TABLE).read_bytes().partition(b"\n")
        (bag / TABLE).write_bytes(head + b"\n")
        nothing: Row = {"records": 0, "events": 0, "persons": 0, "by_month": {}}
        counts(**nothing)(bag)
        in_json(FILTERS, lambda told: told.update(asked=asked))(bag)

    return make


_NO_TEXT = cut(TABLE, 2, b"\xff\r\n")

OF_RECORDS: Mapping[str, Lie] = {
    "a person beside all others": whole("lines", about(_beside_all), 1),
    "a statement where the header has none": named(
        "position", about(_statement_of_nothing, record=3, event=1)
    ),
    "destroyed, and there in another wording": plain("", about(_destroyed), -2),
    "a word that is not known beside a statement": named("statement", of_statement(shown={})),
    "a word that is not known beside a record": whole(f"{RECORDS}: 1", of_row(0, note="見本")),
    "a reason where nobody is named": whole("told", of_event(told={"reason": "見本"}, at=1)),
    "a withheld statement in a bag that names persons": named(
        "statement", about(_withheld, record=2)
    ),
    "a withheld statement of another day": whole("statement", _shown(transferred_on="2026-04-29")),
    "a retracted record that is said to stand": plain("status", of_row(3, status="standing")),
    "a word that stands twice": plain(RECORDS, in_text(RECORDS, '"row":1', '"row":9,"row":1')),
    "another company in the table": plain(f"{TABLE}: 1", in_text(TABLE, "青空商事", "白雲商事")),
    "another head of the table": plain(
        "its head", in_text(TABLE, "名称,第三者の住所", "住所,第三者の名称")
    ),
    "a row too many in the table": whole(f": {TABLE}", cut(TABLE, 2, b"\r\n6,6,\r\n")),
    "a table that is no text": plain(f"{TABLE}: 5", _NO_TEXT),
    "a table that is no text, and a record less": plain_less(
        "records: 4 / 5", each(_NO_TEXT, lose_line(RECORDS, -1))
    ),
    "a count that is none": plain("persons", counts(persons=[])),
    "nothing, for no basis is asked for": whole("bases", _asked(bases=[])),
    "nothing, for what nobody can ask": whole_ends(VERSION, "colour", _asked(colour="red")),
    "nothing, for a period that ends before it begins": whole(
        "asked", _asked(first="2026-04-02", last="2026-04-01")
    ),
    "nothing, for a day that is none": whole("", _asked(first="2026-04-31")),
    "a whole bag that is whole by a word": whole(FILTERS, filters(whole="yes")),
    "a bag of filters that are not known": plain(FILTERS, filters(only="見本")),
    "a deep text": plain(FILTERS, lambda bag: write(bag / FILTERS, "[" * 200_000)),
}


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


def _statements(found: list[Row], first: tuple[int, int], second: tuple[int, int]) -> None:
    one, other = (found[record]["events"][event] for record, event in (first, second))
    one["statement"], other["statement"] = other["statement"], one["statement"]


def _before(record: int) -> Row:
    """What a record was before it was destroyed."""
    return row_of("before", record)


def _alive(found: list[Row]) -> None:
    found[0] = _before(0)


_ALIVE = tuple(content("before", TABLE).decode("utf-8-sig").split("\r\n")[1].split(","))


def _appended_under_a_destroyed_key(bag: Path) -> None:
    """The log goes on with a retraction whose key was destroyed before: its record lives."""
    rows = [json.loads(line) for line in (bag / RECORDS).read_text("utf-8").splitlines()]
    gone, later = (json.loads(rows[record]["events"][0]["header"]) for record in (0, 3))
    members: Row = {name: later[name] for name in later.keys() - {"statement", "lines", "parts"}}
    told: Row = {"type": "transfer-retracted", "version": 2, "facts": {"reason": "duplicate"}}
    sealed: Row = {**later["sealed"], "key": gone["sealed"]["key"]}
    at = json.loads((bag / HEADERS).read_text("utf-8").splitlines()[-1])["at"]
    forged: Row = {**members, **told, "at": at, "sealed": sealed}
    header = canonical(forged)
    with (bag / HEADERS).open("ab") as file:
        file.write(header + b"\n")
    leaves = (bag / LEAVES).read_bytes() + sha(b"\0" + event_hash(header.decode()))
    (bag / LEAVES).write_bytes(leaves)
    size = len(leaves) // 32
    root = root_of(leaves, size)
    filters(size=size, root=root.hex())(bag)
    note = signed_note(Checkpoint(ORIGIN, size, root).text, [SIGNER])
    (bag / NOTE).write_bytes(note.full_text.encode())
    event = {"header": header.decode(), "position": size, "destroyed": True}
    in_row(3, lambda row: (row["events"].append(event), row.update(status="destroyed")))(bag)


def _logged(bag: Path, changed: Callable[[list[Row]], object]) -> None:
    """Other headers of a whole bag, in a log that is signed as if it had always been so."""
    found = [json.loads(line) for line in (bag / HEADERS).read_text("utf-8").splitlines()]
    changed(found)
    texts = [canonical(one) for one in found]
    (bag / HEADERS).write_bytes(b"".join(one + b"\n" for one in texts))
    leaves = b"".join(sha(b"\0" + event_hash(one.decode())) for one in texts)
    (bag / LEAVES).write_bytes(leaves)
    root = root_of(leaves, len(found))
    filters(size=len(found), root=root.hex())(bag)
    note = signed_note(Checkpoint(ORIGIN, len(found), root).text, [SIGNER])
    (bag / NOTE).write_bytes(note.full_text.encode())


def _expired(at: str) -> Change:
    """Everything was destroyed at that time."""

    def change(found: list[Row]) -> None:
        for one in found:
            if one["type"] == "records-expired":
                one["at"] = at

    return lambda bag: _logged(bag, change)


def _clock_set_back(found: list[Row]) -> None:
    last: Row = next(one for one in reversed(found) if one["type"] == "expiry-planned")
    found.append({**last, "at": "2026-04-02T00:00:00.000Z", "version": last["version"] + 1})


_PERSON: dict[str, Any] = {"identifiers": 1, "case": "2026-1"}

OF_DESTROYED: Mapping[str, Lie] = {
    "destroyed on the last day of its period": kept(
        "destroyed too early, to be kept through 2027-04-01",
        _expired("2027-04-01T14:59:59.999Z"),
    ),
    "destroyed early by a clock that was set ahead and back": kept(
        "destroyed too early", lambda bag: _logged(bag, _clock_set_back)
    ),
    "destroyed, and a living copy in its stream": kept_less(
        "not destroyed, and not shown", destroyed(2)
    ),
    "destroyed, and its key is not": kept_less("not destroyed, and not shown", destroyed(3)),
    "destroyed by an event under a key that was destroyed before": kept(
        "not destroyed, and not shown",
        each(
            _appended_under_a_destroyed_key,
            cells(3, {**dict.fromkeys(range(4, 18), ""), 18: "廃棄"}),
            counted,
        ),
    ),
    "a person destroyed whose record is not": whole_less(
        "not destroyed, and not shown", each(about(as_hash, record=4), counted)
    ),
    "shown, and destroyed in the log": kept(
        "destroyed, and shown", each(in_rows(_alive), cells(0, dict(enumerate(_ALIVE))), counted)
    ),
    "destroyed, and shown without its content": kept_less(
        "statement", about(lambda one: one.pop("destroyed"))
    ),
    "destroyed, in a bag that proves no destruction": kept_plain(
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
    "the findings in a cell of what was destroyed": kept(f"{TABLE}: 1", cells(0, {15: "根拠なし"})),
    "destroyed, and said to stand": kept("status", of_row(0, status="standing")),
    "destroyed by another word": kept("destroyed", of_event(destroyed="yes")),
}

OF_VERSIONS: Mapping[str, Lie] = {
    "a record left out of a whole bag": whole_less("position 2", without(1)),
    "the newest version left out of a whole bag": whole_less(
        "version 3",
        each(
            in_row(0, lambda row: row["events"].pop()),
            cells(0, {13: "氏名、住所", 17: "1"}),
            counted,
        ),
    ),
    "a retraction left out of a whole bag": whole_less(
        "version 2",
        each(
            in_row(3, lambda row: (row["events"].pop(), row.update(status="standing"))),
            cells(3, {17: "0", 18: "有効"}),
            counted,
        ),
    ),
    "a version of another record": plain(
        "position", in_rows(lambda found: found[1]["events"].append(found[0]["events"][1]))
    ),
    "records in another order": plain(
        RECORDS,
        each(in_rows(lambda found: swapped(found, 0, 1)), in_table(lambda f: swapped(f, 0, 1))),
    ),
    "the position of another event": plain("position 2", of_event(position=2)),
    "a position that is a text": plain(RECORDS, of_event(position="1")),
}

OF_COMMITMENTS: Mapping[str, Lie] = {
    "statements of two records, each at the other": plain(
        "statement", in_rows(lambda found: _statements(found, (0, 0), (1, 0)))
    ),
    "a commitment used a second time": plain(
        "lines", about(lambda one: one["lines"][1].update(commitment=one["lines"][0]["commitment"]))
    ),
    "a name in place of a pseudonym": plain("lines", of_line(pseudonym="見本 個人")),
    "the address of an individual in the table": plain(
        f"{TABLE}: 3", cells(2, {10: "京都府京都市見本町1"})
    ),
}


def _verdict(event: Row) -> None:
    event["lines"][0]["verdict"] = {"findings": ["CONSENT_WITHDRAWN"]}


OF_TABLES: Mapping[str, Lie] = {
    "another basis in the table": plain(f"{TABLE}: 1", cells(0, {3: "オプトアウト"})),
    "another basis of what was destroyed": kept(f"{TABLE}: 1", cells(0, {3: "オプトアウト"})),
    "another direction in the table": plain(f"{TABLE}: 2", cells(1, {2: "提供"})),
    "findings that no header has": plain(f"{TABLE}: 1", cells(0, {15: "根拠なし"})),
    "findings of what was retracted": plain(f"{TABLE}: 4", cells(3, {15: "根拠なし"})),
    "a finding of a person left out of the table": plain(f"{TABLE}: 1", about(_verdict)),
    "another number of persons in the table": plain(f"{TABLE}: 1", cells(0, {14: "9"})),
    "another number of persons of a transfer in parts": bulk(f"{TABLE}: 1", cells(0, {14: "3"})),
    "the findings and persons of one person's record": person(
        f"{TABLE}: 1", cells(0, {14: "一人"})
    ),
    "a row of the table left out within it": plain_less(f"{TABLE}: 2", lose_line(TABLE, 2)),
    "another count of corrections": plain(f"{TABLE}: 1", cells(0, {17: "0"})),
    "rows of the table in another order": plain(
        f"{TABLE}: 1", in_table(lambda found: swapped(found, 0, 1))
    ),
    "a twin with a space of no width in the table": plain(
        f"{TABLE}: 1", cells(0, {9: "青空商事\u200b株式会社"})
    ),
    "a formula in the table without its guard": plain(
        f"{TABLE}: 5", in_text(TABLE, "'=1+1", "=1+1")
    ),
    "a formula behind a separator in the table without its guard": plain(
        f"{TABLE}: 5", in_text(TABLE, ";'=1+1", ";=1+1")
    ),
    "an older format, which guards less": plain(f"{TABLE}: 5", filters(format="ppl-export/2")),
    "parts that are counted as corrections": bulk(f"{TABLE}: 1", cells(0, {17: "3"})),
    "what is being recorded and said to stand": begun("status", of_row(0, status="standing")),
    "what is being recorded and said to stand in the table": begun(
        f"{TABLE}: 1", cells(0, {18: "有効"})
    ),
    "a record that stands and is said to be begun": begun("status", of_row(1, status="begun")),
    "a cell that programs read in two ways": plain(
        TABLE, in_text(TABLE, "青空商事株式会社", '"青空商事"株式会社')
    ),
}

OF_TEXT: Mapping[str, Lie] = {
    "a byte order mark before the records": plain(
        RECORDS, added(RECORDS, b"\xef\xbb\xbf", before=True)
    ),
    "records whose lines end otherwise": plain(RECORDS, lambda bag: _with_returns(bag / RECORDS)),
    "a number that is none": plain(RECORDS, in_text(RECORDS, '"row":1', '"row":NaN')),
    "a name of a member twice, once escaped": plain(
        RECORDS, in_text(RECORDS, '"row":1', '"row":1,"\\u0072ow":2')
    ),
    "half a character": plain(RECORDS, in_text(RECORDS, '"row":1', '"row":1,"source":"\\ud800"')),
}

OF_FILTERS: Mapping[str, Lie] = {
    "a record of another source, which only begins alike": whole(
        "1: not asked for", filters(asked={"source": "https://one.exam"})
    ),
    "a record of another counterparty": whole(
        "1: not asked for", filters(asked={"counterparty": "青空商事株式会社"})
    ),
    "a record without the finding that was asked for": plain(
        "1: not asked for", filters(asked={"findings": ["JU_NO_NOTICE"]})
    ),
    "a record of which no version is all that was asked for": named(
        "1: not asked for", filters(asked={"bases": ["none"], "counterparty": "x"})
    ),
    "a record that was not asked for, without its person": kept(
        "not asked for", filters(asked=_PERSON)
    ),
    "no filter, where one was applied": asked_less("position 2", filters(asked={})),
    "a plain bag that says whole": plain("withheld", filters(whole=True)),
    "a plain bag that says whole, in all its words": plain_less(
        "headers",
        in_json(FILTERS, lambda told: told.update(whole=True, withheld=told["withheld"][1:])),
    ),
    "pseudonyms that are said to be names": plain(
        "lines",
        in_json(
            FILTERS,
            lambda told: told.update(
                identified=True, withheld=[told["withheld"][0], told["withheld"][2]]
            ),
        ),
    ),
    "another ledger, and no record": whole(
        "headers",
        each(
            without(*range(5)), filters(ledger="other-ledger", asked={"bases": ["not_applicable"]})
        ),
    ),
    "another size": plain("checkpoint", filters(size=7)),
}


def _months(told: Row, **changes: object) -> None:
    told["by_month"].update(changes)


OF_COUNTS: Mapping[str, Lie] = {
    "a count that is a flag": plain(
        "by_month", in_json(COUNTS, lambda told: _months(told, **{"2026-05": True}))
    ),
    "a count that is not known": plain(COUNTS, counts(lawful=5)),
}


def _with_returns(place: Any) -> None:  # noqa: ANN401 -- a path
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))


OF_PARTS: Mapping[str, Lie] = {
    **{
        f"of a transfer in parts {events} events": Lie(
            "bulk-plain", MISSING, "1: transfer-completed", _cut(events)
        )
        for events in (1, 3)
    },
    "of a transfer in parts a part taken out": bulk_plain_less(
        "version 2", each(in_row(0, lambda row: row["events"].pop(1)), counted)
    ),
}
REFUSED: Mapping[str, Lie] = {
    **OF_RECORDS,
    **OF_PARTS,
    **OF_DESTROYED,
    **OF_VERSIONS,
    **OF_COMMITMENTS,
    **OF_TABLES,
    **OF_TEXT,
    **OF_FILTERS,
    **OF_COUNTS,
}
