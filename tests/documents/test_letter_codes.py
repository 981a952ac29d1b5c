"""The code of a letter: bound to what it says, on paper as text and as a picture, and silent."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.letters import letter_pdf
from ledger.cases.letters import codes
from ledger.cases.letters.files import content, json_of
from tests.documents import replies
from tests.documents.read_letters import flat, read
from tests.documents.scanning import codes_in
from tests.documents.test_letters import kinds_of

DIGITS = st.lists(st.sampled_from(codes.ALPHABET), min_size=19, max_size=19)


def times(one: int, other: int) -> int:
    """Slow and obvious: the product in GF(32), polynomials over two modulo x^5 + x^2 + 1."""
    product = 0
    for place in range(5):
        if other >> place & 1:
            product ^= one << place
    for place in range(8, 4, -1):
        if product >> place & 1:
            product ^= 0b100101 << place - 5
    return product


def checked(digits: list[str]) -> list[str]:
    """With the one last digit that fits, by trying all."""
    whole = [[*digits, last] for last in codes.ALPHABET if codes.fits("".join([*digits, last]))]
    assert len(whole) == 1
    return whole[0]


@given(DIGITS)
def test_the_sum_of_a_code_is_that_of_its_polynomial(digits: list[str]) -> None:
    whole, power, total = checked(digits), 1, 0
    for digit in reversed(whole):
        total ^= times(codes.ALPHABET.index(digit), power)
        power = times(power, 2)
    assert total == 1


@given(DIGITS, st.integers(0, 19), st.sampled_from(codes.ALPHABET))
def test_one_wrong_digit_never_fits(digits: list[str], place: int, other: str) -> None:
    whole = checked(digits)
    wrong = [*whole[:place], other, *whole[place + 1 :]]
    assert codes.fits("".join(wrong)) == (wrong == whole)


@given(DIGITS, st.integers(0, 19), st.integers(0, 19))
def test_two_digits_that_changed_places_never_fit(digits: list[str], one: int, two: int) -> None:
    whole = checked(digits)
    wrong = list(whole)
    wrong[one], wrong[two] = wrong[two], wrong[one]
    assert codes.fits("".join(wrong)) == (wrong == whole)


def test_what_nobody_submitted_bears_a_code_that_does_not_fit() -> None:
    assert not codes.fits("0000-0000-0000-0000-0000")


@pytest.mark.parametrize(
    "typed",
    [
        "7h3k 0qzx m2p9 wv4t 8n6r",
        "７Ｈ３Ｋ−ｏＱＺＸ－Ｍ２Ｐ９ー ＷＶ４Ｔ–8N6R",
        "7H3K0QZXM2P9WV4T8N6R",
        "ppl-letter/1 7H3K-0QZX-M2P9-WV4T-8N6R",
        "ppl-letter/1 7H3K-0QZX-M2P9-WV4T-8N6R ledger.example.jp/main",
    ],
)
def test_a_code_is_read_as_people_type_it_and_as_cameras_read_it(typed: str) -> None:
    assert codes.read(typed) == "7H3K-0QZX-M2P9-WV4T-8N6R"


@pytest.mark.parametrize("typed", ["", "7H3K", "7H3K-0QZX-M2P9-WV4T-8N6U", "ppl-letter/1", "見本"])
def test_what_is_no_code_is_read_as_none(typed: str) -> None:
    assert codes.read(typed) is None


def test_a_code_is_that_of_the_documentation() -> None:
    # As a second reader makes it: every step written out, and nothing of ours but the file.
    letter = codes.issued(replies.NOT_EXIST)
    said = json.loads(content(letter))
    del said["verification_code"]
    whole = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = sha256(b"ppl/letter-code/1\0" + whole.encode()).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:95]
    digits = [codes.ALPHABET[int(bits[begin : begin + 5], 2)] for begin in range(0, 95, 5)]

    assert letter.verification_code.replace("-", "") == "".join(checked(digits))


def test_every_other_member_of_a_letter_changes_its_code() -> None:
    letter = codes.issued(replies.full(replies.provided(2)))
    shown: dict[str, Any] = json_of(letter)
    assert codes.code_of(shown) == letter.verification_code
    for name in shown.keys() - {"verification_code"}:
        without = {one: value for one, value in shown.items() if one != name}
        assert codes.code_of(without) != letter.verification_code, name
    assert codes.code_of(shown | {"verification_code": "x"}) == letter.verification_code


def test_what_is_read_out_in_place_of_the_picture_names_the_code() -> None:
    root: Any = read(replies.NOT_EXIST).trailer["/Root"]
    pictures = [node for kind, node in kinds_of(root["/StructTreeRoot"]) if kind == "/Figure"]
    [said] = [str(node["/Alt"]) for node in pictures]
    assert said == "検証コード 7H3K-0QZX-M2P9-WV4T-8N6R を収めた二次元コード"


def test_the_picture_holds_the_code_and_the_name_of_the_log_and_nothing_else() -> None:
    # Nothing in it is of the person, opens anything, or leads anywhere: it is no address.
    letter = codes.issued(replies.full(replies.provided(2)))
    assert codes.scanned(letter).split(" ") == [
        codes.SCANNED,
        letter.verification_code,
        replies.LOG,
    ]
    alone = replace(letter, log=None)
    [(_, text)] = codes_in(letter_pdf(alone))
    assert text == f"{codes.SCANNED} {letter.verification_code}"


def test_a_letter_of_before_has_no_picture_and_no_member_for_it() -> None:
    old = replace(replies.NOT_EXIST, log=None, code_salt=None)
    assert codes_in(letter_pdf(old)) == []
    assert "照合" not in flat(old)
    assert not {"log", "code_salt"} & json_of(old).keys()
