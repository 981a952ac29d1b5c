"""Events of emitters of every shape."""

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from ledger.emitters.events import MissingTransfer, Registration
from ledger.format.events import CoverageDeclared, DayClosed, EmitterEvent, EmitterRegistered

_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
_day = st.dates(date(1990, 1, 1), date(2100, 1, 1))
_count = st.integers(0, 2**53 - 1)
_registration = st.builds(Registration, _text, _text, _text, _day, st.none() | _day)

EMITTER_STRATEGIES: Mapping[str, st.SearchStrategy[EmitterEvent]] = {
    "emitter-registered": st.builds(EmitterRegistered, _registration),
    "coverage-declared": st.builds(
        CoverageDeclared,
        _registration,
        _day,
        _day,
        st.booleans(),
        st.none() | _count,
    ),
    "day-closed": st.builds(
        DayClosed,
        _registration,
        _day,
        st.booleans(),
        _count,
        _count,
        st.text("0123456789abcdef", min_size=64, max_size=64),
        recorded=st.none() | _count,
        missing=_count,
        quarantined=_count,
        other_day=_count,
        unnamed=st.none() | _count,
        named=st.lists(
            st.builds(
                MissingTransfer,
                _text,
                _text,
                st.sampled_from(["missing", "quarantine", "other_day"]),
            ),
            max_size=3,
        ).map(tuple),
    ),
}
