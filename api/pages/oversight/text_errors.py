"""What is wrong with a text that somebody typed, in words for its field."""

from api.problems.kind import DEFECTS_JA
from ledger.policies.my_number import MY_NUMBER_SHOWN, my_number_defects


def wrong(text: str) -> str:
    """What is wrong with a text that was not taken."""
    if not text:
        return "入力してください。"
    if any(True for _ in my_number_defects(text)):
        return DEFECTS_JA[MY_NUMBER_SHOWN]
    return "使えない文字が含まれているか、長すぎます。"
