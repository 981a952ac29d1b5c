"""What binds an answer, made once more by hand from the words of the format."""

import hashlib
import hmac
import json
from dataclasses import replace
from struct import pack
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.answers import AnsweredLine, answer_of
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.values import PrincipalRef

LEDGER = "ledger-1"
NUMBERS = st.integers(0, 2**53 - 1)
LINES = st.builds(AnsweredLine, st.uuids(), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 2**32 - 1))
REFS = st.lists(st.builds(PrincipalRef, st.just("member"), st.text(min_size=1)), max_size=3)
SALTS = st.binary(min_size=32, max_size=32)


def digest_by_hand(line: AnsweredLine) -> bytes:
    numbers = pack(">QQQI", line.first, line.last, line.version, line.line)
    return hashlib.sha256(b"ppl/index-entry/1\0" + line.stream.bytes + numbers).digest()


def refs_by_hand(refs: list[PrincipalRef]) -> str:
    told = [{"id": one.id, "scheme": one.scheme} for one in refs]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@given(SALTS, st.uuids(), NUMBERS, REFS, REFS, st.lists(LINES, max_size=4))
def test_an_answer_is_the_formula_of_the_format(
    salt: bytes,
    case: UUID,
    as_of: int,
    identifiers: list[PrincipalRef],
    tried: list[PrincipalRef],
    lines: list[AnsweredLine],
) -> None:
    hidden = hmac.new(salt, b"ppl/answer-tried/1\0" + refs_by_hand(tried).encode(), "sha256")
    asked = f'{{"identifiers":{refs_by_hand(identifiers)},"tried":"{hidden.hexdigest()}"}}'.encode()
    message = b"ppl/answer/1\0" + pack(">I", len(LEDGER)) + LEDGER.encode() + case.bytes
    message += pack(">QI", as_of, len(asked)) + asked + pack(">I", len(lines))
    message += b"".join(map(digest_by_hand, lines))
    made = canonical(subject_of(salt, identifiers, tried))
    digests = [one.digest for one in lines]
    found = answer_of(salt, LEDGER, case, as_of, made, digests)
    assert found == hmac.new(salt, message, "sha256").digest()


@given(LINES, st.sampled_from(("first", "last", "version", "line")))
def test_a_line_in_another_version_is_another_one(line: AnsweredLine, name: str) -> None:
    changed = getattr(line, name) + 1
    if name != "line" or changed < 2**32:
        assert replace(line, **{name: changed}).digest != line.digest
