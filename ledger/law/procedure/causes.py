"""What the reason of a ground rests on: a closed list, so that no invented word carries a ground.

Source: Act Art. 33(2)(i)-(iii); guideline 3-8-2 (its examples of each ground), 3-8-3-3 (a
confidentiality clause); Penal Code 134; Telecommunications Business Act 4.
"""

from collections.abc import Mapping
from types import MappingProxyType

CAUSES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ART33_2_I": MappingProxyType(
            {
                "life_or_body": "本人又は第三者の生命又は身体",
                "property": "本人又は第三者の財産",
                "other_interest": "本人又は第三者のその他の権利利益",
            }
        ),
        "ART33_2_II": MappingProxyType(
            {
                "confidentiality_clause": "取引先との守秘義務条項",
                "volume": "記録の件数の多さ",
                "repetition": "複雑な対応を要する同一内容の請求の繰り返し",
                "evaluation_system": "試験又は評価の制度の維持",
                "hindrance_of_business": "業務の適正な実施へのその他の著しい支障",
            }
        ),
        "ART33_2_III": MappingProxyType(
            {
                "professional_secrecy": "職業上の秘密(刑法第134条)",
                "communications_secrecy": "通信の秘密(電気通信事業法第4条)",
                "other_law": "その他の法令",
            }
        ),
    }
)
"""Ground → code of a cause → Japanese label.

The one that stands for all others of a ground is named by somebody who answers for it.
"""
