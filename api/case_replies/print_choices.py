"""What the letters of a case print for characters that the font lacks, and a new choice of it."""

from collections.abc import Sequence

from api.documents.forms import lacking
from api.documents.glyphs import Substitutes
from api.documents.substitutes import used
from ledger.cases.case import State
from ledger.cases.events.substitute import Substitute
from ledger.cases.letters.files import json_of
from ledger.cases.letters.letter import Letter
from ledger.cases.print_step import PrintAs
from ledger.policies.substitutes import characters_of


def instead_in(state: State) -> Substitutes:
    """The choices that stand, as the documents take them."""
    return _pairs(state.substitutes)


def chosen(letters: Sequence[Letter], substitutes: Sequence[Substitute]) -> PrintAs:
    """The step that chooses these, with what the font lacks and what the letters hold.

    Args:
        letters: every letter of the case as it stands.
    """
    characters = {
        one for chosen in substitutes for one in characters_of(chosen.written, chosen.printed)
    }
    pairs = _pairs(substitutes)
    found = {written for letter in letters for written, _ in used(json_of(letter), pairs)}
    return PrintAs(tuple(substitutes), lacking(characters), frozenset(found))


def _pairs(substitutes: Sequence[Substitute]) -> Substitutes:
    return tuple((one.written, one.printed) for one in substitutes)
