"""The ways to handle a record with findings, as the pages offer them."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class Way(Enum):
    """A way to handle a record; the value is the last part of its page's address."""

    CORRECT = "correction"
    PERSON = "person"
    RECLASSIFY = "basis"
    RETRACT = "retraction"
    SETTLE = "settlement"


WAYS: Final[Mapping[Way, tuple[str, str]]] = MappingProxyType(
    {
        Way.CORRECT: (
            "訂正",
            "記録の内容が事実と異なるときに、正しい内容に改めます。判定もやり直します。",
        ),
        Way.PERSON: (
            "本人の訂正",
            "記録されている本人やその識別子が誤っているときに改めます。判定もやり直します。",
        ),
        Way.RECLASSIFY: (
            "根拠の変更",
            "内容は正しく、法律上の根拠が別のものであるときに、根拠を改めて判定し直します。",
        ),
        Way.RETRACT: (
            "取消し",
            "提供や受領がなかった、二重に記録した、別人の記録であったときに、記録を取り消します。",
        ),
        Way.SETTLE: (
            "対応を記録",
            "記録は事実のとおりで所見も正しいときに、停止、報告など、行った対応を記録します。",
        ),
    }
)
"""Way → (what it is called, when it is taken), in the order of the page."""
