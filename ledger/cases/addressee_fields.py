"""Which fields of the form a reply is addressed with.

Source: the published procedure (reply rules: never to a mandated agent).
"""

from collections.abc import Mapping
from types import MappingProxyType

from ledger.law.procedure import codes
from ledger.policies.identity.request import ReplyTo

NAME = "name"
PERSONS: Mapping[str, str] = MappingProxyType(
    {codes.PRINCIPAL: NAME, codes.LEGAL_REPRESENTATIVE: "representative_name"}
)
"""Whose reply it is → field of the form with that name."""

ADDRESSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "registered": ("postal_code", "address"),
        "billing": ("billing_postal_code", "billing_address"),
        "identity_document": ("postal_code", "address"),
        "representative_identity_document": (
            "representative_postal_code",
            "representative_address",
        ),
    }
)
"""Address of the procedure → fields of the form that hold it, as the applicant wrote it.

The registered address is the form's: the two were judged to be the same before anybody is verified.
So is that of the principal's identity papers, where a reply goes there.
"""


def lacking(form: Mapping[str, str], to: ReplyTo) -> tuple[str, ...]:
    """The fields without which no reply can be addressed, as far as the form lacks them.

    The reply to a legal representative names the principal too. A postal code may be missing.
    """
    name, (_, address) = PERSONS[to.person], ADDRESSES[to.address]
    needed = dict.fromkeys((name, address, NAME))
    return tuple(one for one in needed if not form.get(one, "").strip())
