"""A text of a megabyte in a body is one defect, and keeps nobody else waiting.

Attack: whoever may send a body of the API, of a case, a procedure or a notice among them, puts a
text as long as the body may be into any of its fields, or a hundred thousand texts into a list: of
digits, or of characters that become eighteen others each. An individual number is looked for in
every text on the event loop, and whoever else sends, reads or asks whether the ledger lives waits
for half a minute.

Held off by: a body that is searched as a whole has so many characters, equal texts counted once, or
is one defect and not searched (`api.web.bodies.check_characters`); elsewhere the limit of a field
comes before its search. Each character is folded once, whatever the length of a text
(`ledger.policies.my_number`). Forms, of a mebibyte, are searched beside the event loop.
"""

import re
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from api.web.bodies import CHARACTERS_MAX
from ledger import unicode_forms
from ledger.policies.my_number import check_digit, shows_my_number
from tests.doors.corridor import Corridor
from tests.doors.test_small_bodies import TEXTS, address
from tests.matrix import every
from tests.rounds import rounds

LONG: Final = {
    "eighteen for one": "1\ufdfa " * 100_000,
    "digits": "1234 " * 60_000,
    "marks": "1a" + "\u0301\u0316" * 150_000,
}
FOLDED_MAX: Final = 10_000
"""Characters that are normalised for one request, what its address and its key take among them."""
PUBLISHING: Final = "/v1/notices"
"""A body with room for many texts; those of cases are searched as a whole, too."""


@contextmanager
def counted() -> Generator[list[int]]:
    """The lengths of what is normalised meanwhile, by Python itself."""
    lengths: list[int] = []

    def normalize(form: unicode_forms.Form, text: str) -> str:
        lengths.append(len(text))
        return unicodedata.normalize(form, text)

    python = mock.Mock(normalize=normalize)
    with mock.patch.object(unicode_forms, "unicodedata", python):
        yield lengths


@every("name", LONG)
def test_a_long_text_in_any_field_of_any_body_is_a_defect_and_no_work(
    corridor: Corridor, name: str
) -> None:
    for place, text in TEXTS.items():
        key = corridor.key(text.scope, label="officer")
        body = text.saying(LONG[name])
        with counted() as lengths:
            answer = corridor.ask(
                text.method, address(text), body, key=key, headers={"If-Match": '"1"'}
            )
        assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION"), (place, answer.text)
        assert sum(lengths) <= FOLDED_MAX, place
        is_whole = text.path.startswith("/v1/cases") or text.path == PUBLISHING
        pointer = "" if is_whole else text.pointer
        assert answer.errors == {pointer: "SCHEMA"}, place


@every(
    "path, scope, body",
    [
        ("/v1/cases", "cases:write", {"form": {"name": LONG["digits"]}}),
        ("/v1/cases", "cases:write", {LONG["digits"]: 1}),
        ("/v1/cases", "cases:write", {"more": [f"1234 5678 {n:04}" for n in range(20_000)]}),
        ("/v1/procedures", "notices:write", {"desk": [{"name": LONG["digits"]}]}),
        ("/v1/procedures/check", "notices:write", {"x": LONG["eighteen for one"]}),
    ],
)
def test_a_body_of_too_many_characters_is_not_searched(
    corridor: Corridor, path: str, scope: str, body: object
) -> None:
    key = corridor.key(scope, label="officer")  # pyright: ignore[reportArgumentType] -- of a table
    answer = corridor.ask("POST", path, body, key=key)
    assert (answer.status, answer.errors) == (422, {"": "SCHEMA"})
    assert f"{CHARACTERS_MAX:,}" in answer.text


def test_a_reason_of_ten_thousand_records_counts_once(corridor: Corridor) -> None:
    body = {"more": ["法第33条第2項第1号に当たる"] * 20_000}
    key = corridor.key("cases:write", label="officer")
    answer = corridor.ask("POST", "/v1/cases", body, key=key)
    assert answer.errors["/more"] == "SCHEMA"


# -- Folded character by character, a text shows the same numbers as folded whole -----------------

_KANJI: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_MARK: Final = r"[\s\-‐‑‒–—―−ー・･.,、_/~〜∼:|]{1,3}"
_SHAPES: Final = re.compile(
    rf"(?<!\d)(?=(\d{{12}}(?!\d)|\d{{4}}{_MARK}\d{{4}}{_MARK}\d{{4}}(?!\d)"
    rf"|\d{{3}}(?:{_MARK}\d{{3}}){{3}}(?!\d)|\d{{6}}{_MARK}\d{{6}}(?!\d)"
    rf"|\d(?:{_MARK}\d){{11}}(?!\d)))",
    re.ASCII,
)
_BASES: Final = st.text("0123456789", min_size=11, max_size=11)
_BETWEEN: Final = st.lists(
    st.text(
        st.sampled_from(
            "-‐ー・.,、_/~〜∼:| \u3000\u2025\u2026\ufdfa\u200b\u0301\u0338\u3099a漢1９四④⑴㍙½"
        )
        | st.characters(codec="utf-8"),
        max_size=3,
    ),
    min_size=12,
    max_size=12,
)


def shows_when_folded_whole(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).translate(_KANJI)
    seen = (one for one in plain if unicodedata.category(one) != "Cf")
    digits = "".join(
        str(unicodedata.decimal(one)) if unicodedata.category(one) == "Nd" else one for one in seen
    )
    found = (re.sub(r"\D", "", one[1], flags=re.ASCII) for one in _SHAPES.finditer(digits))
    return any(check_digit(one[:-1]) == int(one[-1]) for one in found)


@settings(max_examples=rounds(400))
@given(_BASES, _BETWEEN, st.sampled_from((1, 3, 4, 6, 12)))
def test_folded_by_character_a_text_shows_the_same_numbers(
    base: str, between: list[str], group: int
) -> None:
    number = f"{base}{check_digit(base)}"
    text = "".join(
        digit + (mark if n % group == 0 else "")
        for n, (digit, mark) in enumerate(zip(number, between, strict=True), 1)
    )
    assert shows_my_number(text) is shows_when_folded_whole(text)
