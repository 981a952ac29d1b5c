"""What binds an answer, made once more by hand from the words of the format."""

import hashlib
import hmac
import json
from dataclasses import replace
from struct import pack
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.answers import AnsweredLine, AnswerKeys, answer_of
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.values import PrincipalRef

LEDGER = "ledger-1"
NUMBERS = st.integers(0, 2**53 - 1)
LINES = st.builds(
    AnsweredLine,
    *(st.uuids(), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 2**32 - 1), NUMBERS, NUMBERS),
)
TOLD = st.lists(st.tuples(LINES, st.booleans()), max_size=4)
REFS = st.lists(st.builds(PrincipalRef, st.just("member"), st.text(min_size=1)), max_size=3)
SALTS = st.binary(min_size=32, max_size=32)
FORMS = st.sampled_from((1, 2))


def digest_by_hand(line: AnsweredLine, form: int) -> bytes:
    numbers = pack(">QQQI", line.first, line.last, line.version, line.line)
    if form == 2:
        numbers += pack(">QQ", line.statement_at, line.line_at)
    return hashlib.sha256(
        f"ppl/index-entry/{form}\0".encode() + line.stream.bytes + numbers
    ).digest()


def keys_by_hand(salt: bytes, form: int) -> tuple[bytes, bytes]:
    if form == 1:
        return salt, salt
    shown = hmac.new(salt, b"ppl/answer-shown/2\0", "sha256").digest()
    return shown, hmac.new(salt, b"ppl/answer-tried-key/2\0", "sha256").digest()


def refs_by_hand(refs: list[PrincipalRef]) -> str:
    told = [{"id": one.id, "scheme": one.scheme} for one in refs]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@given(FORMS, SALTS, st.uuids(), NUMBERS, st.tuples(REFS, REFS), TOLD)
def test_an_answer_is_the_formula_of_the_format(
    form: int,
    salt: bytes,
    case: UUID,
    as_of: int,
    refs: tuple[list[PrincipalRef], list[PrincipalRef]],
    told: list[tuple[AnsweredLine, bool]],
) -> None:
    identifiers, tried = refs
    shown_key, tried_key = keys_by_hand(salt, form)
    hidden = hmac.new(tried_key, b"ppl/answer-tried/1\0" + refs_by_hand(tried).encode(), "sha256")
    asked = f'{{"identifiers":{refs_by_hand(identifiers)},"tried":"{hidden.hexdigest()}"}}'.encode()
    message = f"ppl/answer/{form}\0".encode() + pack(">I", len(LEDGER)) + LEDGER.encode()
    message += case.bytes + pack(">QI", as_of, len(asked)) + asked + pack(">I", len(told))
    for line, withholds in told:
        message += (b"" if form == 1 else pack(">?", withholds)) + digest_by_hand(line, form)
    keys = AnswerKeys.of(salt, form)
    made = canonical(subject_of(keys, identifiers, tried))
    lines = [(one if form == 2 else one.of_form_1, withholds) for one, withholds in told]
    digests = [(one.digest, withholds) for one, withholds in lines]
    found = answer_of(keys, LEDGER, case, as_of, made, digests)
    assert found == hmac.new(shown_key, message, "sha256").digest()


@given(LINES, st.sampled_from(("first", "last", "version", "line", "statement_at", "line_at")))
def test_a_line_in_another_version_is_another_one(line: AnsweredLine, name: str) -> None:
    changed = getattr(line, name) + 1
    if name != "line" or changed < 2**32:
        assert replace(line, **{name: changed}).digest != line.digest


@given(SALTS)
def test_who_has_the_key_of_an_answer_has_not_that_of_what_was_tried(salt: bytes) -> None:
    keys = AnswerKeys.of(salt)
    assert len({salt, keys.shown, keys.tried}) == 3
