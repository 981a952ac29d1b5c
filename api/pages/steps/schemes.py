"""The kinds of identifiers that a form offers: those of every ledger, and the operator's own."""

from collections.abc import Mapping

from api.pages.words import SCHEMES
from api.services import Services
from ledger.policies.identifiers import KINDS

assert set(SCHEMES) == set(KINDS), "every kind has words"


def schemes_of(inside: Services) -> Mapping[str, str]:
    """Scheme → what officers call it, in the order of the form."""
    return {**SCHEMES, **inside.settings.identifier_kinds}
