"""The typed view of a transfer, by the names of its members; and the hash of a set of ids."""

from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract import SCHEMA
from ledger.emitters.id_set import MODULUS, element, hash_of, joined, product_of
from ledger.fast_init import fast_init
from ledger.values import Anonymous, Counterparty, Json, Transfer, transfer_of
from tests.ledger.given import data
from tests.matrix import every

SEALED_ONLY = {"backfill"}
"""A member of the contract that no verdict asks for."""


def test_every_member_of_the_contract_has_its_field() -> None:
    named = {one.name for one in fields(Transfer)} - {"acquisition_stated"}
    assert set(SCHEMA["properties"]) - SEALED_ONLY == named


def test_a_member_that_is_absent_leaves_the_default() -> None:
    content = data("P1")
    typed = transfer_of(content)
    left_out = [one for one in fields(Transfer) if one.name not in content]
    assert len(left_out) > 20
    assert all(getattr(typed, one.name) == one.default for one in left_out)
    assert all(one.name in content for one in fields(Transfer) if one.default is MISSING)


@every(
    "member, value, field",
    [
        ("acquisition", None, None),
        ("transferred_to", None, None),
        ("notice_id", None, None),
        ("contract_missing_items", ["a", "a"], frozenset({"a"})),
        ("omitted_items", ["氏名"], ("氏名",)),
        ("supply_to_principal", False, False),
        ("safeguard_contract", False, False),
        ("backfill", {"source": "paper"}, None),
        (
            "anonymous",
            {"items_published": True, "stated_to_recipient": False},
            Anonymous(items_published=True, stated_to_recipient=False),
        ),
    ],
)
def test_a_member_gives_the_field_of_its_name(member: str, value: Any, field: Any) -> None:  # noqa: ANN401 -- as JSON says it
    typed = transfer_of({**data("P1"), member: value})
    assert getattr(typed, member, None) == field
    assert typed.acquisition_stated == (member == "acquisition")


def test_a_party_remembers_which_members_were_stated_as_unknown() -> None:
    party: dict[str, Json] = {"kind": "individual", "name": "見本 一郎", "address": None}
    assert transfer_of({**data("P1"), "counterparty": party}).counterparty == Counterparty(
        "individual", name="見本 一郎", unknown=frozenset({"address"})
    )


PLATFORM = "https://platform.example.jp"
KEYS = [(PLATFORM, f"t-{n}") for n in range(9)]

VECTORS = {
    "ab1642a5fbec142ed166521affcb32a1018793ccff8a30ce6b951a790f5d56a5": 0,
    "98788398c2d8d655ab69f90d5056e512240ebd64f214c2d0c319596377143d5b": 1,
    "9578c92c7fc69600c8f438b8d990bc97bb3bb338d17ed9815b0aba2035613a43": 2,
    "3c13b6813f4e60f280a69ef57405bde10d9eaeaeb09ac9c36e5b8dea697cc5d9": 3,
}


def test_the_hash_of_a_set_is_that_of_the_documented_vectors() -> None:
    documented = (
        (PLATFORM, "t-1"),
        (PLATFORM, "t-2"),
        (f"{PLATFORM}/北", "記録-3"),
    )
    assert {hash_of(product_of(documented[:count])): count for count in range(4)} == VECTORS
    page = (Path(__file__).parents[2] / "docs/reference/daily-close.md").read_text()
    assert all(one in page for one in VECTORS)
    assert element("ab", "c") != element("a", "bc")


PRODUCTS = st.integers(0, MODULUS - 1) | st.sampled_from([1, MODULUS - 1, MODULUS - 2])


@given(PRODUCTS, PRODUCTS)
def test_a_product_is_the_rest_of_a_division(one: int, other: int) -> None:
    assert joined(one, other) == one * other % MODULUS


@given(st.permutations(range(9)), st.integers(0, 9))
def test_the_hash_of_a_set_depends_neither_on_order_nor_on_parts(
    order: list[int], cut: int
) -> None:
    whole = product_of(KEYS)
    assert product_of([KEYS[n] for n in order]) == whole
    assert (
        joined(
            product_of([KEYS[n] for n in order[:cut]]), product_of([KEYS[n] for n in order[cut:]])
        )
        == whole
    )


# -- classes that are made quickly: like the plain ones in everything but the time it takes --------


@dataclass(frozen=True, slots=True)
class Plain:
    """The oracle: the same fields, made in the usual way."""

    first: int
    second: str
    third: tuple[int, ...] = (3,)
    fourth: str | None = None


@fast_init
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, made quickly."""

    first: int
    second: str
    third: tuple[int, ...] = (3,)
    fourth: str | None = None


NAMES = ("first", "second", "third", "fourth", "fifth")
GIVEN = st.lists(st.integers(), max_size=5)
NAMED = st.dictionaries(st.sampled_from(NAMES), st.integers(), max_size=5)


def made(kind: Any, given: list[int], named: dict[str, int]) -> str:  # noqa: ANN401 -- a class of either kind
    """What comes of the arguments: the fields of the object, or what is said against them."""
    try:
        return repr(kind(*given, **named))
    except TypeError as error:
        return str(error)


@given(GIVEN, NAMED)
def test_what_a_quick_class_takes_and_makes_is_what_the_plain_one_does(
    given: list[int], named: dict[str, int]
) -> None:
    assert made(Quick, given, named) == made(Plain, given, named).replace("Plain", "Quick")


@dataclass(frozen=True, slots=True)
class _WithFactory:
    some: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class _WithoutParameter:
    some: int = field(init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByKeyword:
    some: int


@dataclass(frozen=True, slots=True)
class _Based(Plain):
    some: int = 1


@dataclass(frozen=True, slots=True)
class _Checked:
    some: int

    def __post_init__(self) -> None:
        assert self.some


@every("kind", [_WithFactory, _WithoutParameter, _ByKeyword, _Based, _Checked])
def test_a_class_that_is_not_plain_is_refused_when_it_is_declared(kind: type[object]) -> None:
    with pytest.raises(TypeError, match="not a plain frozen dataclass"):
        fast_init(kind)
