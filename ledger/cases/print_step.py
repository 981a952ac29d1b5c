"""The step that says what is printed where the font lacks a character."""

from dataclasses import dataclass

from ledger.cases.events.substitute import Substitute

SUBSTITUTES_MAX = 50
"""Choices of one case; whatever cannot be printed besides may be printed by its code points."""


@dataclass(frozen=True, slots=True)
class PrintAs:
    """Say what the letters of the case print for characters that cannot be printed.

    The choices replace all earlier ones; none takes them back.

    Attributes:
        lacking: of all characters of the choices (`ledger.policies.substitutes.characters_of`),
            those that the font cannot print.
        used: the `written` of those choices that change something in a letter of the case.
    """

    substitutes: tuple[Substitute, ...]
    lacking: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
