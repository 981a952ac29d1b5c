"""Lies that nothing in a bag disproves: accepted, and named among what is not proven."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger.exports.verify import RECORDS, STAMP
from tests.exports.lying import (
    Lie,
    Row,
    about,
    attested_told,
    cells,
    counted,
    each,
    filters,
    gone,
    in_json,
    in_row,
    in_text,
    kept_told,
    named_told,
    of_line,
    of_row,
    old_told,
    plain_told,
    without,
    written,
)
from tests.exports.world import content

UNPROVEN: Final = "not proven by the log, bound by the bag's signature alone, if any: "
LATER: Final = "that no record has a later version"
DESTROYED: Final = "which persons of a record that a copy keeps were destroyed is not proven"
STATUS: Final = ", status"


def _without_others(bag: Path) -> None:
    """The first format knows no witnesses and no time stamps."""
    for name in ("cosigned", "stamped", "timestamp.tsr"):
        (bag / "data/proofs" / name).unlink()

    def change(told: Row) -> None:
        del told["cosigned"], told["stamped"]
        told["format"] = "ppl-export/1"

    in_json("data/filters.json", change)(bag)


def _unstamped(bag: Path) -> None:
    for name in ("stamped", "timestamp.tsr"):
        (bag / "data/proofs" / name).unlink()


def _stamped_before(bag: Path) -> None:
    """The time in the stamp, whose authority's signature nobody checks here."""
    whole = (bag / STAMP).read_bytes()
    found = re.search(rb"\x18\x0f(20[0-9]{12})Z", whole)
    assert found is not None
    (bag / STAMP).write_bytes(whole.replace(found[1], b"2020" + found[1][4:]))


def _nobody_left(event: Row) -> None:
    """Whoever was carried forward is a hash among those who were destroyed."""
    header = json.loads(event["header"])
    event["lines"], event["nodes"] = [], [header["lines"]["root"]]


def _everybody_back(event: Row) -> None:
    """Whoever was destroyed is shown as in a bag of before."""
    [before] = (
        one
        for line in content("before", RECORDS).splitlines()
        for one in json.loads(line)["events"]
        if one["position"] == event["position"]
    )
    del event["nodes"]
    event["lines"] = before["lines"]


def _another_export(bag: Path) -> None:
    place = bag / "bag-info.txt"
    place.write_text(re.sub(r"(?<=Identifier: )\S+", str(UUID(int=1)), place.read_text("utf-8")))


def _pseudonyms(event: Row) -> None:
    first, second = event["lines"]
    first["pseudonym"], second["pseudonym"] = second["pseudonym"], first["pseudonym"]


def _verdict(event: Row) -> None:
    event["lines"][0]["verdict"] = {"findings": ["CONSENT_WITHDRAWN"]}


def _shown(event: Row) -> None:
    event["statement"]["shown"]["items"] = ["見本"]


TOLD: Mapping[str, Lie] = {
    "a correction left out of a plain bag": plain_told(
        LATER,
        each(
            in_row(0, lambda row: row["events"].pop()),
            cells(0, {13: "氏名、住所", 17: "1"}),
            counted,
        ),
    ),
    "a retraction left out of a plain bag, and said to stand": plain_told(
        STATUS,
        each(
            in_row(3, lambda row: (row["events"].pop(), row.update(status="standing"))),
            cells(3, {15: "根拠なし", 17: "0", 18: "有効"}),
            counted,
        ),
    ),
    "a record left out of a plain bag": plain_told("that nothing else matches", without(1)),
    "a version said to be destroyed in a plain bag": plain_told(
        "1 events are said to be destroyed; this bag does not prove it",
        each(gone(0, event=1), counted),
    ),
    "another source": plain_told(
        f"{UNPROVEN}source",
        each(
            of_row(0, source="https://two.example"),
            cells(0, {19: "https://two.example"}),
        ),
    ),
    "another reason of a correction": named_told(
        " told,", about(lambda one: one["told"].update(reason="見本"), event=1)
    ),
    "pseudonyms of two persons, each at the other": plain_told(" pseudonym,", about(_pseudonyms)),
    "a verdict of a person, in the table, too": plain_told(
        " verdict,", each(about(_verdict), cells(0, {15: "同意の撤回後の提供"}))
    ),
    "a number of a line": plain_told(" n; ", of_line(n=7)),
    "items of a withheld statement, in the table, too": plain_told(
        " shown,", each(about(_shown, record=2), cells(2, {13: "見本"}))
    ),
    "sentences of what is left out": plain_told(
        "filters.json",
        in_json("data/filters.json", lambda told: told["withheld"][0].update(en="All is here.")),
    ),
    "laws under which nobody judged": plain_told(
        "versions.json", written("data/versions.json", '{"laws":["2099"]}\n')
    ),
    "requests that nobody made": plain_told(
        "requests.json", written("data/requests.json", '{"received":0}\n')
    ),
    "days that nobody declared": plain_told(
        "coverage.json", written("data/coverage.json", '{"complete":true}\n')
    ),
    "no report": plain_told(
        "the bag has no report.pdf", in_text("VERIFY.ja.md", "data/report.pdf", "data/report.pdf ")
    ),
    "another report": plain_told("report.pdf", written("data/report.pdf", "見本\n")),
    "another workbook": plain_told("records.xlsx", written("data/records.xlsx", "見本\n")),
    "another guide": plain_told(
        "VERIFY.ja.md", written("VERIFY.ja.md", "何も確かめる必要はありません。\n")
    ),
    "another verifier in the bag": plain_told(
        "the verify.py in the bag", written("verify.py", 'print("all good")\n')
    ),
    "another day of the bag": plain_told(
        "bag-info.txt", in_text("bag-info.txt", "Date: 20", "Date: 19")
    ),
    "an export that the ledger does not know": plain_told(
        "that the ledger has a record of this export", _another_export
    ),
    "witnesses of whom an older format knows nothing": old_told(
        "no witness cosigned the log, as far as the bag tells", _without_others
    ),
    "a stamp left out": attested_told(
        "there is no time stamp", each(_unstamped, filters(stamped=None))
    ),
    "a stamp of before the events": attested_told(
        "its authority's signature is NOT checked here", _stamped_before
    ),
    "a stamp of long before the events": attested_told("more than a day later", _stamped_before),
    "more persons gone than were destroyed": kept_told(
        DESTROYED, each(about(_nobody_left, record=1), cells(1, {14: "0"}), counted)
    ),
    "persons shown who were destroyed": kept_told(
        DESTROYED, each(about(_everybody_back, record=1), cells(1, {14: "3"}), counted)
    ),
}
