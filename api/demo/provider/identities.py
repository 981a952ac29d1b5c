"""Who may sign in to the demo. All of them are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.settings.environment import Role

CLIENT_ID: Final = "ledger-pages"
PERSON_CLAIM: Final = "staff_code"
"""The claim that holds the code by which the demo's API keys know the person, too."""


@dataclass(frozen=True, slots=True)
class DemoIdentity:
    """One person of the desk.

    Attributes:
        subject: the code of the person; the owner of their API key has the same.
        groups: values of the claim `groups`.
        duty: what they do, for the list to choose from.
    """

    subject: str
    name: str
    groups: tuple[str, ...]
    duty: str


IDENTITIES: Final = (
    DemoIdentity("officer", "佐藤　明子", ("desk",), "開示担当"),
    DemoIdentity("colleague", "田中　浩", ("desk",), "開示担当"),
    DemoIdentity("reception", "鈴木　葵", ("reception",), "受付担当"),
    DemoIdentity("approver", "高橋　誠", ("approval",), "承認者"),
    DemoIdentity("chief", "伊藤　恵", ("chief",), "管理責任者"),
    DemoIdentity("deputy", "榊原　透", ("chief",), "管理責任者"),
    DemoIdentity("auditor", "渡辺　薫", ("audit",), "監査者"),
    DemoIdentity("quarantine", "山本　翔", ("emitters",), "送信元管理"),
    DemoIdentity("keeper", "加藤　蓮", ("emitters",), "送信元管理"),
    DemoIdentity("operator", "中村　光", ("operation",), "システム運用"),
    DemoIdentity("visitor", "小林　望", ("other",), "役割なし"),
)
"""The persons, in the order of the list; the last one has no role, to see what then happens."""

ROLES: Final[Mapping[str, tuple[Role, ...]]] = {
    "desk": ("officer",),
    "reception": ("reception",),
    "approval": ("approver",),
    "chief": ("chief",),
    "audit": ("auditor",),
    "emitters": ("emitter_keeper",),
    "operation": ("operator",),
}
"""Value of `groups` → roles: what the demo sets as `LEDGER_OIDC_ROLES`."""
