"""What a letter withholds, in words: of which records what is not disclosed, on which ground, why.

Source: Act Art. 33(2), (3), 36.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from api.documents.annexes import ANNEXES
from ledger.cases.letters import words
from ledger.cases.letters.contents import LetterWithholding
from ledger.cases.letters.lines import PROVIDED, RECEIVED, ReplyLine, Side
from ledger.values import Json

_RECORDS: Mapping[Side, str] = MappingProxyType(
    {PROVIDED: "当社が提供した記録", RECEIVED: "当社が提供を受けた記録"}
)


def withheld_body(
    one: LetterWithholding, lines: Sequence[ReplyLine], wording: int | None = None
) -> dict[str, Json]:
    """One entry of the list: `what`, the number of the ground (`item`), the `reason`."""
    by_item: dict[tuple[Side, str], list[int]] = {}
    for number, code in sorted(one.parts):
        line = lines[number - 1]
        is_referable = wording is not None and words.is_referable(line)
        label = words.item_label(code, line.side, is_referable=is_referable)
        by_item.setdefault((line.side, label), []).append(number)
    what = [
        *([f"{_RECORDS[PROVIDED]}{one.provided:,}件の全部"] if one.provided else []),
        *([f"{_RECORDS[RECEIVED]}{one.received:,}件の全部"] if one.received else []),
        *(
            f"{ANNEXES[side]}の番号{words.numbers_text(numbers)}"
            f"の「{label}」のうち開示していない部分"
            for (side, label), numbers in by_item.items()
        ),
        *(
            f"{_RECORDS[side]}（全部を開示しないもの）{count:,}件の"
            + "".join(f"「{words.item_label(code, side)}」" for code in codes)
            for side, codes, count in one.emptied or ()
        ),
    ]
    return {
        "what": "、".join(what),
        "item": str(words.ORDINALS[one.ground]),
        "reason": one.reason,
    }
