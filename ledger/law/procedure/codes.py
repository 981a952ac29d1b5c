"""The words of the procedure: who asks, for whom, with which authority, where the reply goes."""

from collections.abc import Mapping
from types import MappingProxyType

SELF = "self"
MANDATED_AGENT = "mandated_agent"
LEGAL_REPRESENTATIVE = "legal_representative"

REQUESTERS: Mapping[str, str] = MappingProxyType(
    {SELF: "個人(本人)", MANDATED_AGENT: "個人(代理人)", LEGAL_REPRESENTATIVE: "個人(法定代理人)"}
)
"""Requester → Japanese label. Source: Act Art. 37(3), Order 13."""

PRINCIPAL = "principal"
AGENT = "agent"
PERSONS = frozenset({PRINCIPAL, AGENT, LEGAL_REPRESENTATIVE})
"""Whose a paper may be."""

REPRESENTATIONS: Mapping[str, str] = MappingProxyType(
    {
        "parent_of_minor": "未成年者の親権者",
        "guardian_of_minor": "未成年後見人",
        "guardian_of_adult": "成年後見人",
        "curator": "保佐人",
        "assistant": "補助人",
    }
)
"""Representation → Japanese label."""

LEGAL = frozenset({"parent_of_minor", "guardian_of_minor", "guardian_of_adult"})
"""Who is a legal representative for a request (Order 13(i)); others need a mandate (13(ii))."""

OF_MINORS = frozenset({"parent_of_minor", "guardian_of_minor"})
"""Representations that end when the principal comes of age (Civil Code 4)."""

AUTHORITY = "authority"
"""What a slot needs when it is the paper that proves a legal representation."""

RECIPIENTS = frozenset({PRINCIPAL, LEGAL_REPRESENTATIVE})
"""To whom a reply may go; a mandated agent never receives one."""

REPLY_ADDRESSES = frozenset(
    {"registered", "billing", "identity_document", "representative_identity_document"}
)

GROUNDS = ("IDENTITY", "FORM", "NOT_EXIST", "ART33_2_I", "ART33_2_II", "ART33_2_III")
"""The six grounds, in the order of the published text."""

DECISIONS = frozenset({"procedural_refusal", "not_exist", "partial_disclosure", "non_disclosure"})
"""What a ground may lead to."""

FACTS = frozenset({"name", "birth_date", "current_address"})
"""What a paper may have to show."""
