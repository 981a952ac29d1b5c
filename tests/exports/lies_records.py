"""False content beside true content of records, refused all the same."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.crypto.commitments import line_commitment
from ledger.crypto.encoding import context
from ledger.exports.verify import HASH, MISSING, VERSION
from tests.exports.defects import RECORDS, cut, each, in_json, in_row, in_text, lose_line
from tests.exports.lying import COUNTS, FILTERS, TABLE, Change, Lie, Row, about, filters, write


def _beside_all(event: Row) -> None:
    line: Row = {
        "j": -1,
        "commitment": "00" * 32,
        "pseudonym": "A" * 16,
        "verdict": {"findings": []},
    }
    event["lines"].insert(0, line)


def _twice(event: Row) -> None:
    first = event["lines"][0]
    event["lines"].insert(0, first | {"text": first["text"].replace("P1", "P9")})


def _statement_of_nothing(event: Row) -> None:
    event["statement"] = {"salt": "00" * 32, "text": '{"items":["見本"]}'}


def _destroyed(event: Row) -> None:
    event["destroyed"], event["lines"] = True, []
    event["statement"]["text"] = event["statement"]["text"].replace("氏名", "見本")


def _unproven_lines(event: Row) -> None:
    header = json.loads(event["header"])
    place = context(header["ledger"], UUID(header["stream"]), header["version"])
    for line in event["lines"]:
        salt, text = bytes.fromhex(line.pop("salt")), line.pop("text").encode()
        line["commitment"] = line_commitment(salt, place, line["j"], text).hex()
        line["pseudonym"] = "A" * 16


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
        in_json(COUNTS, lambda told: told.update(nothing))(bag)
        in_json(FILTERS, lambda told: told.update(asked=asked))(bag)

    return make


_NO_TEXT = cut(TABLE, 2, b"\xff\r\n")

OF_RECORDS: Mapping[str, Lie] = {
    "a person beside all others": Lie("whole", HASH, "lines", about(_beside_all), 1),
    "an index below all others": Lie(
        "named", HASH, "lines", about(lambda one: one["lines"][0].update(j=-1))
    ),
    "an index that is a flag": Lie(
        "whole", HASH, "lines", about(lambda one: one["lines"][1].update(j=True))
    ),
    "a person twice, the first time a false one": Lie("named", HASH, "lines", about(_twice), 1),
    "a person twice, counted once": Lie("named", HASH, "lines", about(_twice)),
    "a statement where the header has none": Lie(
        "named", HASH, "position", about(_statement_of_nothing, record=3, event=1)
    ),
    "lines where the header has none": Lie(
        "named", HASH, "position", about(lambda one: one.update(lines=[]), record=3, event=1)
    ),
    "destroyed, and there in another wording": Lie("plain", HASH, "", about(_destroyed), -2),
    "a word that is not known": Lie(
        "whole", HASH, "position 1", about(lambda one: one.update(note="見本"))
    ),
    "a word that is not known beside a person": Lie(
        "named", HASH, "lines", about(lambda one: one["lines"][0].update(pseudonym="A" * 16))
    ),
    "a word that is not known beside a statement": Lie(
        "named", HASH, "statement", about(lambda one: one["statement"].update(shown={}))
    ),
    "a word that is not known beside a record": Lie(
        "whole", HASH, f"{RECORDS}: 1", in_row(0, lambda row: row.update(note="見本"))
    ),
    "a reason where nobody is named": Lie(
        "whole", HASH, "told", about(lambda one: one.update(told={"reason": "見本"}), event=1)
    ),
    "a pseudonym in a bag that names persons": Lie("named", HASH, "lines", about(_unproven_lines)),
    "a withheld statement in a bag that names persons": Lie(
        "named", HASH, "statement", about(_withheld, record=2)
    ),
    "a withheld statement of a company": Lie("whole", HASH, "statement", about(_withheld)),
    "a withheld statement of another day": Lie(
        "whole", HASH, "statement", _shown(transferred_on="2026-04-29")
    ),
    "a withheld statement that names somebody": Lie(
        "whole", HASH, "statement", _shown(counterparty={"kind": "individual", "name": "見本"})
    ),
    "a retracted record that is said to stand": Lie(
        "plain", HASH, "status", in_row(3, lambda row: row.update(status="standing"))
    ),
    "a record that is said to be retracted": Lie(
        "plain", HASH, "status", in_row(0, lambda row: row.update(status="retracted"))
    ),
    "a word that stands twice": Lie(
        "plain", HASH, RECORDS, in_text(RECORDS, '"row":1', '"row":9,"row":1')
    ),
    "another company in the table": Lie(
        "plain", HASH, f"{TABLE}: 1", in_text(TABLE, "青空商事", "白雲商事")
    ),
    "another day in the table": Lie(
        "plain", HASH, f"{TABLE}: 3", in_text(TABLE, "2026-04-30", "2026-04-29")
    ),
    "another head of the table": Lie(
        "plain", HASH, "its head", in_text(TABLE, "名称,第三者の住所", "住所,第三者の名称")
    ),
    "another status in the table": Lie(
        "plain", HASH, f"{TABLE}: 4", in_text(TABLE, "取消", "有効")
    ),
    "a row too many in the table": Lie("whole", HASH, f": {TABLE}", cut(TABLE, 2, b"\r\n6,6,\r\n")),
    "a row of the table with a cell less": Lie(
        "plain", HASH, f"{TABLE}: 1", in_text(TABLE, ",有効,", ",有効")
    ),
    "a table that is no text": Lie("plain", HASH, "cannot be read", _NO_TEXT),
    "a table that is no text, and a record less": Lie(
        "plain", MISSING, "records: 4 / 5", each(_NO_TEXT, lose_line(RECORDS, -1))
    ),
    "another company in the table, and another status further down": Lie(
        "plain",
        HASH,
        "status",
        each(
            in_text(TABLE, "青空商事", "白雲商事"),
            in_row(3, lambda row: row.update(status="standing")),
        ),
    ),
    "a count that is none": Lie(
        "plain", HASH, "persons", in_json(COUNTS, lambda told: told.update(persons=[]))
    ),
    "nothing, for no record is asked for": Lie("whole", MISSING, "position 1", _asked()),
    "nothing, for no basis is asked for": Lie("whole", HASH, "bases", _asked(bases=[])),
    "nothing, for no finding is asked for": Lie("whole", HASH, "findings", _asked(findings=[])),
    "nothing, for a basis that is none": Lie("whole", VERSION, "bases", _asked(bases=["見本"])),
    "nothing, for a finding that is none": Lie(
        "whole", VERSION, "findings", _asked(findings=["NOTHING"])
    ),
    "nothing, for what nobody can ask": Lie("whole", VERSION, "colour", _asked(colour="red")),
    "nothing, for a person of no identifier": Lie(
        "whole", HASH, "identifiers", _asked(identifiers=0)
    ),
    "nothing, for an emitter without a name": Lie("whole", HASH, "source", _asked(source=" ")),
    "nothing, for a period that ends before it begins": Lie(
        "whole", HASH, "asked", _asked(first="2026-04-02", last="2026-04-01")
    ),
    "nothing, for a day that is none": Lie("whole", HASH, "", _asked(first="2026-04-31")),
    "a whole bag that is whole by a word": Lie("whole", HASH, FILTERS, filters(whole="yes")),
    "a bag of filters that are not known": Lie("plain", HASH, FILTERS, filters(only="見本")),
    "a deep text": Lie("plain", HASH, FILTERS, lambda bag: write(bag / FILTERS, "[" * 200_000)),
}
