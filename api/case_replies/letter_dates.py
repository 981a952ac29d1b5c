"""What a letter bears of its own: its date, its code, what was declared by its search, words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from api.case_replies.points import statement_of
from api.case_replies.values import ReplySources, code_from
from ledger.cases.case import State
from ledger.cases.letters.assembly import LetterIdentity
from ledger.cases.letters.coverage import letter_sentences
from ledger.cases.letters.files import kinds_of, wording_of
from ledger.cases.letters.words import WORDING
from ledger.format.header import instant_text
from ledger.values import Json


def dated(sources: ReplySources, state: State, at: datetime, code: str) -> LetterIdentity:
    """With what the emitters had declared by the search, of the period that is asked for."""
    salt = _salt(sources, state, at)
    if state.search is None or state.searched_at is None:
        return LetterIdentity(at, code, log=sources.log, salt=salt, wording=WORDING)
    sentences = letter_sentences(statement_of(state, sources))
    return LetterIdentity(at, code, sentences, sources.kinds, sources.log, salt, WORDING)


def restore_identity(borne: LetterIdentity, stored: Mapping[str, Json]) -> LetterIdentity:
    """As the letter had it whose JSON is kept: what is said otherwise by now does not change it.

    Nor does what is said otherwise by now of the completeness: the letter keeps its sentences.

    Args:
        borne: made by what is known today.
    """
    log = cast("str | None", stored.get("log"))
    salt = cast("str | None", stored.get("code_salt"))
    kinds, wording = kinds_of(stored), wording_of(stored)
    search = cast("Mapping[str, Json]", stored.get("search") or {})
    coverage = tuple(cast("list[str]", search.get("coverage") or ()))
    return replace(borne, coverage=coverage, kinds=kinds, log=log, salt=salt, wording=wording)


def own_code(sources: ReplySources, kind: str, state: State, position: int) -> str:
    """The code of a letter that no event keeps one of: the same at every printing."""
    place = position.to_bytes(8, "big")
    return code_from(sources.lookup_key("letter-code", kind.encode(), state.case.bytes, place))


def _salt(sources: ReplySources, state: State, at: datetime) -> str:
    """What keeps the code of the letter of that instant from being guessed; always the same."""
    instant = instant_text(at).encode()
    return sources.lookup_key("letter-salt", state.case.bytes, instant).hex()
