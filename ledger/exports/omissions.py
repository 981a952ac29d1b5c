"""What an export does not hold, and why: sentences that depend on what was asked for alone.

They are the same whether anything was left out or not. A count, or a sentence more, would tell
that a record is there of which nobody may know (Order 11; decisions 0017, 0038, 0075).
"""

from ledger.exports.filters import Filters
from ledger.values import Json


def withheld(filters: Filters) -> list[Json]:
    """Codes and sentences, Japanese and English."""
    found: list[Json] = []
    if not filters.whole:
        found.append(
            _omission(
                "not_to_be_known",
                "存否を明らかにできない記録(施行令第11条)及び保存期間が過ぎて廃棄された記録は、"
                "有無にかかわらず、掲載も計数もしていません。",
                "Records of which nobody may know whether they exist (Order 11) and records that "
                "were destroyed after their period are neither listed nor counted, if any.",
            )
        )
    if not filters.identified:
        found.append(
            _omission(
                "persons",
                "本人の識別子と氏名は、この袋限りの仮名に置き換えています。同じ記録を含むほかの袋と"
                "合わせると、記録の位置と行の番号から、同じ方の仮名を対応させることができます"
                "(本人を示す袋と合わせると、どなたかも分かります)。"
                "相手方が個人である場合、その記載は伏せています。",
                "Identifiers and names of persons are replaced by pseudonyms of this bag alone. "
                "Beside another bag with the same record, its position and the number of the line "
                "tell which pseudonyms are one person's, and beside one with names whose. "
                "Where the counterparty is an individual, the statement is withheld.",
            )
        )
    found.append(
        _omission(
            "internal",
            "記録の内部番号、同意の証跡の所在、保存上の参照は、記録事項ではないため掲載していません。",
            "Internal ids of records, places of evidence and references are no items of a record, "
            "and are not shown.",
        )
    )
    return found


def _omission(code: str, ja: str, en: str) -> Json:
    return {"code": code, "ja": ja, "en": en}
