"""What a letter bears of its own: its date, its code, what was declared by its search, words."""

from datetime import datetime

from api.replying.values import ReplySources, code_from
from ledger.case import State
from ledger.clock import day_in_japan
from ledger.emitter import coverage_at_search
from ledger.letters.assembling import Dated
from ledger.letters.coverage import letter_sentences


def dated(sources: ReplySources, state: State, at: datetime, code: str) -> Dated:
    """With what the emitters had declared by the search, of the period that is asked for."""
    if state.search is None or state.searched_at is None:
        return Dated(at, code)
    asked = state.application
    searched_on = day_in_japan(state.searched_at)
    emitters = sources.emitters_at(state.search.as_of)
    statement = coverage_at_search(emitters, asked.first_day, asked.last_day, searched_on)
    return Dated(at, code, letter_sentences(statement), sources.kinds)


def own_code(sources: ReplySources, kind: str, state: State, position: int) -> str:
    """The code of a letter that no event keeps one of: the same at every printing."""
    place = position.to_bytes(8, "big")
    return code_from(sources.lookup_key("letter-code", kind.encode(), state.case.bytes, place))
