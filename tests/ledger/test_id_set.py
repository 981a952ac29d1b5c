"""The hash of a set of keys: documented, independent of order, a plain product modulo the prime."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger.emitters.id_set import MODULUS, element, hash_of, joined, product_of

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
