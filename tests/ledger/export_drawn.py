"""Exports as Hypothesis draws them."""

from collections.abc import Mapping

from hypothesis import strategies as st

from ledger.format.events import Event, ExportProduced
from ledger.values import PrincipalRef

_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)

EXPORT_STRATEGIES: Mapping[str, st.SearchStrategy[Event]] = {
    "export-produced": st.builds(
        ExportProduced,
        st.integers(0, 2**53 - 1),
        st.fixed_dictionaries(
            {},
            optional={
                "first": st.just("2026-04-01"),
                "counterparty": _text,
                "bases": st.just(["opt_out_27_2"]),
                "identifiers": st.integers(1, 9),
            },
        ),
        st.booleans(),
        st.booleans(),
        st.integers(0, 10**6),
        st.binary(min_size=32, max_size=32),
        st.none() | _text,
        st.lists(st.builds(PrincipalRef, _text, _text), max_size=3).map(tuple),
    )
}
