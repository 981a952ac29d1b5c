"""What is decided without a store: pseudonyms, sentences, the table's cells."""

import csv
import hmac
import itertools
import json
from base64 import b32encode
from io import StringIO
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.resources.histories.page_parts import DUTIES, METHODS
from ledger.cases.letters.files import guarded
from ledger.errors import CorruptRecordError
from ledger.exports import tables, verify
from ledger.exports.filters import Filters
from ledger.exports.guide import guide
from ledger.exports.omissions import withheld
from ledger.exports.pseudonyms import ExportPseudonyms
from ledger.exports.records import recorded_in
from ledger.exports.summary import newest_party
from ledger.format.events import RECORDED_TYPES
from ledger.format.json import encoded
from ledger.values import Json


@given(
    st.binary(min_size=32, max_size=32), st.sets(st.binary(min_size=16, max_size=16), max_size=9)
)
def test_a_pseudonym_names_one_person_in_one_export(seed: bytes, keys: set[bytes]) -> None:
    names = {key: ExportPseudonyms(seed).of(key) for key in keys}
    assert len(set(names.values())) == len(keys)
    assert names == {key: ExportPseudonyms(seed).of(key) for key in keys}
    other = ExportPseudonyms(bytes(byte ^ 1 for byte in seed))
    assert not {other.of(key) for key in keys} & set(names.values())


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_a_pseudonym_is_base32_of_a_keyed_hash_as_the_library_makes_both(
    seed: bytes, key: bytes
) -> None:
    made = hmac.digest(seed, b"ppl/export/person/1\0" + key, "sha256")[:10]
    assert ExportPseudonyms(seed).of(key) == b32encode(made).decode()


def test_a_pseudonym_does_not_show_the_key_or_the_seed() -> None:
    seed = bytes(range(32))
    assert seed.hex() not in repr(ExportPseudonyms(seed))
    with pytest.raises(ValueError, match="32 random bytes"):
        ExportPseudonyms(bytes(31))


def codes_of(filters: Filters) -> list[Json]:
    return [cast("dict[str, Json]", one)["code"] for one in withheld(filters)]


def test_what_is_withheld_depends_on_how_records_are_shown_alone() -> None:
    codes = {
        (whole, named): codes_of(Filters(whole=whole, identified=named))
        for whole, named in itertools.product((False, True), repeat=2)
    }
    assert codes == {
        (False, False): ["not_to_be_known", "persons", "internal"],
        (False, True): ["not_to_be_known", "internal"],
        (True, False): ["persons", "internal"],
        (True, True): ["internal"],
    }


CELLS = st.lists(
    st.text(st.sampled_from("a本1 ,\"'=+-@＝＋－＠\t\r\n\x1c\u3000、"), max_size=6),
    min_size=2,
    max_size=5,
)


@given(CELLS)
@example(["a", "\u3000=1"])
@example(["a,", "b"])
@example(['"', "\r"])
@example(["=" * 201, '",'])
def test_a_row_of_the_table_is_written_as_a_writer_of_csv_does(cells: list[str]) -> None:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    assert tables.line_of(cells) == text.getvalue().encode()


TEXTS = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        [
            '","counterparty":{"name":"b"},"d',
            'counterparty":{',
            '"statement":{"salt":"0","text":"{',
            'a"},"direction":"',
            "\\",
            '\\"',
            '"stream":"00000000-0000-8000-8000-000000000000","type":"provision-recorded"',
        ]
    ),
)
PARTIES = st.fixed_dictionaries(
    {"kind": TEXTS}, optional={"name": TEXTS, "party_id": TEXTS, "address": st.none()}
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, object]:
    """An event of a line of a bag, as far as the counterparty goes."""
    event: dict[str, object] = {"header": json.dumps({"statement": draw(TEXTS)}), "position": 1}
    statement: dict[str, object] = {
        "basis": draw(TEXTS),
        "consent": {"evidence": draw(TEXTS)},
        "counterparty": draw(PARTIES),
        "direction": draw(TEXTS),
        "items": [draw(TEXTS)],
    }
    if draw(st.booleans()):
        statement["date_not_recorded"] = True
    shown = draw(st.sampled_from(["whole", "withheld", "not at all"]))
    if shown == "whole":
        event["statement"] = {"salt": "0f", "text": canonical_of(statement)}
    elif shown == "withheld":
        event["statement"] = {"withheld": "individual", "shown": statement}
    if draw(st.booleans()):
        event["told"] = {"reason": draw(TEXTS)}
        event["lines"] = [{"j": 0, "text": json.dumps({"principal": draw(TEXTS)})}]
    return event


def canonical_of(value: object) -> str:
    return encoded(value).decode()


@given(st.lists(events(), min_size=1, max_size=3))
def test_the_newest_counterparty_of_a_line_is_the_one_that_its_json_has(
    versions: list[dict[str, Any]],
) -> None:
    line = encoded({"events": versions, "row": 1, "source": "s", "status": "standing"}) + b"\n"
    said = [one["statement"] for one in versions if "statement" in one]
    newest = None
    if said:
        text = said[-1].get("text")
        newest = (said[-1]["shown"] if text is None else json.loads(text))["counterparty"]
    assert newest_party(line) == newest


@given(
    st.sampled_from([*RECORDED_TYPES, "transfer-corrected", "records-expired", "case-received"]),
    st.uuids(),
    st.integers(1, 2**53 - 1),
    TEXTS,
)
def test_a_first_event_is_found_by_the_end_of_its_header_as_by_its_members(
    event_type: str, stream: UUID, version: int, text: str
) -> None:
    members = {"facts": {"basis": text}, "stream": str(stream), "type": event_type, "v": 1}
    found = recorded_in(encoded({**members, "actor": text, "version": version}))
    assert found == (stream if event_type in RECORDED_TYPES else None)


def test_a_header_that_ends_otherwise_is_refused_and_not_passed_over() -> None:
    stream = "00000000-0000-8000-8000-000000000000"
    members = {"stream": stream, "type": "provision-recorded", "v": 1, "version": 1}
    with pytest.raises(CorruptRecordError):
        recorded_in(json.dumps(members).encode())


@given(CELLS)
@example(["a", "=b"])
def test_the_verifier_expects_each_cell_as_it_is_guarded(cells: list[str]) -> None:
    assert verify.as_tabled(cells) == tuple(verify.guarded(cell) for cell in cells)


def test_the_verifier_takes_no_record_whose_cell_holds_a_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        verify.as_tabled(["a\0b", "c"])


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":1} 2', "", '{"a":1']
)
def test_the_verifier_reads_one_value_whose_names_differ(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the library's own words
        verify.read(text)
    assert verify.read('{"a":[1,{"b":"x"}]}') == json.loads('{"a":[1,{"b":"x"}]}')


def test_the_guide_says_in_words_what_the_table_says_in_those_of_the_log() -> None:
    said = guide(Filters(), 1, is_signed=True).decode()
    for column, words in (("義務", DUTIES), ("記録の方法", METHODS)):
        for word, text in words.items():
            plain = text.translate(str.maketrans("（）", "()"))
            assert f"| {column} | {word} | {plain} |\n" in said
