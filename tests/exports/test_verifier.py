"""The verifier by itself: Ed25519 without a library, an old Python, no import of ours."""

import ast
import csv
import hmac
import itertools
import json
import subprocess
import sys
from base64 import b32encode
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.csv_guard import guarded
from ledger.errors import CorruptRecordError
from ledger.exports import tables, verify
from ledger.exports.bag import verifier
from ledger.exports.filters import Filters
from ledger.exports.omissions import withheld
from ledger.exports.pseudonyms import ExportPseudonyms
from ledger.exports.records import recorded_in
from ledger.exports.summary import newest_party
from ledger.format.events import RECORDED_TYPES
from ledger.format.json import encoded
from ledger.merkle import narrowed, root_of, root_of_partial
from ledger.values import Json
from tests.exports.world import VERIFIER, unpacked
from tests.rounds import rounds

_hash = st.binary(min_size=32, max_size=32)


@settings(max_examples=rounds(60))
@given(_hash, st.binary(max_size=80), st.integers(0, 511), _hash)
def test_the_signature_check_agrees_with_a_library(
    seed: bytes, message: bytes, bit: int, other: bytes
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.is_signed(public, message, signature)
    broken = bytearray(signature)
    broken[bit // 8] ^= 1 << bit % 8
    assert not verify.is_signed(public, message, bytes(broken))
    assert not verify.is_signed(other, message, signature) or other == public


def test_a_signature_whose_half_is_too_large_is_refused() -> None:
    """The same signature with the group's order added is another text that says the same."""
    key, message = Ed25519PrivateKey.from_private_bytes(bytes(32)), b"r"
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    large = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not verify.is_signed(public, message, signature[:32] + large.to_bytes(32, "little"))
    assert not verify.is_signed(public, message, signature[:-1])


@given(st.lists(_hash, max_size=70))
def test_roots_are_those_of_the_ledger(leaves: list[bytes]) -> None:
    assert verify.root_of(b"".join(leaves), len(leaves)) == root_of(leaves)


@given(st.integers(1, 40), st.data())
def test_roots_of_some_leaves_are_those_of_the_ledger(size: int, data: st.DataObject) -> None:
    leaves = [sha256(bytes([n])).digest() for n in range(size)]
    keep = data.draw(st.sets(st.integers(0, size - 1)))
    nodes = narrowed(size, dict(enumerate(leaves)), [], keep) if len(keep) < size else []
    known = {j: leaves[j] for j in keep}
    root = verify.partial_root(0, size, known, [one.hex() for one in nodes])
    assert root == root_of_partial(size, known, nodes) == root_of(leaves)


def test_the_verifier_needs_the_standard_library_alone_and_python_3_9() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 9))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names
    assert not names & {"socket", "urllib", "http", "subprocess", "ctypes"}


def test_a_file_of_the_bag_is_not_taken_for_one_of_the_standard_library(tmp_path: Path) -> None:
    bag = unpacked("plain", tmp_path)
    for name in ("json", "csv", "hashlib", "zipfile", "re"):
        (bag / f"{name}.py").write_text('print("all good")\nraise SystemExit(0)\n')
    (bag / "verify.py").write_bytes(VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "verify.py", "."], cwd=bag, capture_output=True, text=True, check=False
    )
    assert done.returncode == verify.HASH, done.stdout + done.stderr


def test_the_verifier_in_a_bag_is_the_one_that_is_tested() -> None:
    assert verifier() == Path(verify.__file__).read_bytes()


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
def drawn_events(draw: st.DrawFn) -> dict[str, object]:
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


@given(st.lists(drawn_events(), min_size=1, max_size=3))
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
