"""Events of emitters of every shape."""

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from ledger.events import CoverageDeclared, EmitterEvent, EmitterRegistered
from ledger.events.emitter import Registration

_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
_day = st.dates(date(1990, 1, 1), date(2100, 1, 1))
_registration = st.builds(Registration, _text, _text, _text, _day, st.none() | _day)

EMITTER_STRATEGIES: Mapping[str, st.SearchStrategy[EmitterEvent]] = {
    "emitter-registered": st.builds(EmitterRegistered, _registration),
    "coverage-declared": st.builds(
        CoverageDeclared,
        _registration,
        _day,
        _day,
        st.booleans(),
        st.none() | st.integers(0, 2**53 - 1),
    ),
}
