"""Bases (根拠) of a transfer, the route each takes, and the stops that reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Route(Enum):
    """How the law treats a basis; several bases share one."""

    CONSENT = "consent"
    OPT_OUT = "opt_out"
    REFERABLE = "referable"
    NON_OPERATOR = "non_operator"
    JOINT_USE = "joint_use"
    ENTRUSTMENT = "entrustment"
    SUCCESSION = "succession"
    EXEMPT = "exempt"
    UNFOUNDED = "unfounded"


@dataclass(frozen=True, slots=True)
class Basis:
    """One basis: code of the input contract, Japanese label, article, route."""

    code: str
    label: str
    article: str
    route: Route


_TABLE: tuple[tuple[str, str, str, Route], ...] = (
    ("consent_27_1", "本人の同意", "27(1)", Route.CONSENT),
    ("consent_28_1", "外国にある第三者への提供の同意", "28(1)", Route.CONSENT),
    ("opt_out_27_2", "オプトアウト", "27(2)", Route.OPT_OUT),
    ("personally_referable_31_1", "個人関連情報", "31(1)", Route.REFERABLE),
    ("non_operator_source", "事業者でない者からの受領", "R24(1)(iv)", Route.NON_OPERATOR),
    ("joint_use_27_5_iii", "共同利用", "27(5)(iii)", Route.JOINT_USE),
    ("entrustment_27_5_i", "委託", "27(5)(i)", Route.ENTRUSTMENT),
    ("succession_27_5_ii", "事業の承継", "27(5)(ii)", Route.SUCCESSION),
    ("exempt_27_1_i", "法令に基づく場合", "27(1)(i)", Route.EXEMPT),
    ("exempt_27_1_ii", "生命・身体・財産の保護", "27(1)(ii)", Route.EXEMPT),
    ("exempt_27_1_iii", "公衆衛生・児童の健全な育成", "27(1)(iii)", Route.EXEMPT),
    ("exempt_27_1_iv", "国の機関等への協力", "27(1)(iv)", Route.EXEMPT),
    ("exempt_27_1_v", "学術研究の成果の公表・教授", "27(1)(v)", Route.EXEMPT),
    ("exempt_27_1_vi", "学術研究機関等との共同研究", "27(1)(vi)", Route.EXEMPT),
    ("exempt_27_1_vii", "学術研究機関等への提供", "27(1)(vii)", Route.EXEMPT),
    ("on_behalf_of_principal", "解釈による適用除外", "29(1), 30(1)", Route.EXEMPT),
    ("not_applicable", "個人データでない", "16(3)", Route.EXEMPT),
    ("none", "根拠なし", "27(1)", Route.UNFOUNDED),
)

BASES: Mapping[str, Basis] = MappingProxyType({row[0]: Basis(*row) for row in _TABLE})

RECIPIENT_ONLY = frozenset({"view_only", "unsolicited", "not_personal_data_for_recipient"})
"""Exemptions of the recipient's duties alone: the provider's record is due all the same (29(1))."""


def route_of(basis: Basis, exemption: str | None, direction: str) -> Route:
    """How our side of such a transfer is treated.

    What exempts the recipient alone leaves the provider with the consent that the transfer states.
    """
    is_recipients = basis.code == "on_behalf_of_principal" and exemption in RECIPIENT_ONLY
    return Route.CONSENT if is_recipients and direction == "provided" else basis.route


PSEUDONYMOUS_BASES = frozenset(
    {"exempt_27_1_i", "entrustment_27_5_i", "succession_27_5_ii", "joint_use_27_5_iii"}
)
"""The only bases on which pseudonymously processed information may be provided (41(6)).

41(6) applies in place of 27(1)(2) and 28(1), so these reach abroad, too.
"""

NEVER_PERSONAL = frozenset({"statistical", "anonymously_processed"})
"""Kinds of data to which 29 and 30 never apply (2, 16(3))."""

# A request to stop binds the one who provides (27(2)(vi), 35); a withdrawn consent is no consent
# for whoever relies on it. Where the law takes the other party for no third party (27(5)) or asks
# for no consent at all (27(1) items), a stop reaches nothing, so these routes have no row.
STOPS: Mapping[tuple[str, Route], Mapping[str, str]] = MappingProxyType(
    {
        ("provided", Route.CONSENT): {
            "consent_withdrawn": "CONSENT_WITHDRAWN",
            "provision_stopped": "PROVISION_STOPPED",
        },
        ("received", Route.CONSENT): {"consent_withdrawn": "CONSENT_WITHDRAWN"},
        ("provided", Route.OPT_OUT): {
            "opt_out_stop": "OPT_OUT_STOPPED",
            "provision_stopped": "PROVISION_STOPPED",
        },
        ("received", Route.REFERABLE): {"consent_withdrawn": "CONSENT_WITHDRAWN"},
        ("provided", Route.UNFOUNDED): {"provision_stopped": "PROVISION_STOPPED"},
    }
)
"""(direction, route) → kind of stop → finding."""
