"""Why a request is not yet verified: code, what to say, and what cures it, for a correction letter.

Source: the published procedure (本人確認書類, 注意事項); Act Art. 37(1), (4); Order 12, 13.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ledger.law.procedure.form import FORM_LABELS


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, in Japanese: the defect, and what the requester should do about it."""

    code: str
    label: str
    cure: str


_FRESH = "発行日から3か月以内のものをお送りください。"
_VALID = "有効期限内のものをお送りください。"
_VALID_OR_FRESH = "有効期限内のもの、又は発行日から3か月以内のものをお送りください。"
_TABLE: tuple[tuple[str, str, str], ...] = (
    (
        "SEAL_CERTIFICATE_MISSING",
        "印鑑登録証明書が同封されていません",
        "印鑑登録証明書の原本をお送りください。",
    ),
    (
        "RESIDENCE_CERTIFICATE_MISSING",
        "住民票が同封されていません",
        "マイナンバーの印字がない住民票の原本をお送りください。",
    ),
    (
        "AUTHORITY_DOCUMENT_MISSING",
        "代理権を確認できる書類が同封されていません",
        "法定代理人であることを確認できる書類の原本をお送りください。",
    ),
    (
        "MANDATE_MISSING",
        "委任状が同封されていません",
        "ご本人が記入し、登録印を押した委任状をお送りください。",
    ),
    (
        # Of an operator's own version only: the published one asks for the four above.
        "DOCUMENT_MISSING",
        "必要な書類が同封されていません",
        "当社が定める書類をお送りください。",
    ),
    (
        "SUBSTITUTE_NOT_ALLOWED",
        "印鑑登録証明書に代わる書類ではお受けできません",
        "印鑑登録証明書の原本をお送りください。",
    ),
    ("DOCUMENT_EXPIRED", "書類の有効期限又は発行日からの期間が過ぎています", _VALID_OR_FRESH),
    (
        "DOCUMENT_NOT_ACCEPTED",
        "お受けできる書類ではありません",
        "当社が定める本人確認書類をお送りください。",
    ),
    (
        "DOCUMENT_CONTENT_MISSING",
        "書類に氏名、生年月日、現住所又は日付の記載がありません",
        "記載のある書類をお送りください。",
    ),
    ("ORIGINAL_REQUIRED", "原本ではありません", "原本をお送りください。"),
    (
        "MY_NUMBER_SHOWN",
        "マイナンバーの記載があります",
        "マイナンバーの記載がない書類をお送りください。",
    ),
    (
        "ADDRESS_NOT_PERMANENT",
        "現住所が消せるもので記入されています",
        "現住所が印字され、又はボールペンなどで記入された書類をお送りください。",
    ),
    (
        "PASSPORT_MISSING",
        "外国発行のパスポートの写しが同封されていません",
        "在留カードとあわせて外国発行のパスポートの写しをお送りください。",
    ),
    (
        "MANDATE_SEAL_DIFFERS",
        "委任状の印影が印鑑登録証明書と異なります",
        "登録印を押した委任状をお送りください。",
    ),
    (
        "MANDATE_NOT_BY_PRINCIPAL",
        "委任状がご本人の記入ではありません",
        "ご本人が記入した委任状をお送りください。",
    ),
    (
        "MANDATE_OTHER_REQUEST",
        "委任状が今回のご請求についてのものではありません",
        "今回のご請求についての委任状をお送りください。",
    ),
    (
        "NOT_A_LEGAL_REPRESENTATIVE",
        "保佐人・補助人は法定代理人としてご請求いただけません",
        "ご本人の委任状により、代理人としてご請求ください。",
    ),
    (
        "PRINCIPAL_IS_ADULT",
        "ご本人が成年に達しています",
        "ご本人からご請求いただくか、ご本人の委任状をお送りください。",
    ),
    (
        "REGISTERED_ADDRESS_DIFFERS",
        "申請書の住所が登録住所と一致しません",
        "住所変更のお手続きのうえ、改めて申請書をお送りください。",
    ),
    (
        "IDENTITY_ADDRESS_DIFFERS",
        "本人確認書類の住所が申請書の住所と一致しません",
        "現住所の記載がある本人確認書類又は補助書類をお送りください。",
    ),
    (
        "SUPPLEMENT_NOT_IN_NAME",
        "補助書類がご本人の名義ではありません",
        "ご本人の名義の補助書類をお送りください。",
    ),
    ("SUPPLEMENT_EXPIRED", "補助書類の有効期限又は発行日からの期間が過ぎています", _VALID_OR_FRESH),
    (
        "SUPPLEMENT_NOT_DATED",
        "補助書類に領収印又は発行日の記載がありません",
        "領収印又は発行日の記載がある補助書類をお送りください。",
    ),
    (
        "FORM_INCOMPLETE",
        "申請書に記入のない事項があります",
        "申請書のすべての事項をご記入ください。",
    ),
    (
        "NO_REGISTERED_ADDRESS",
        "当社に登録住所がありません",
        "別の方法による本人確認をご案内します。",
    ),
)

REASONS: Mapping[str, Reason] = MappingProxyType({row[0]: Reason(*row) for row in _TABLE})
"""Code → reason, in the order in which a letter lists them."""

_EXPIRED: Mapping[str, str] = MappingProxyType(
    {"DOCUMENT_EXPIRED": "書類", "SUPPLEMENT_EXPIRED": "補助書類"}
)


_NOTHING_SENT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "SEAL_CERTIFICATE_MISSING": (
            "{whose}の印鑑登録証明書が同封されていません",
            "{whose}の印鑑登録証明書の原本{fresh}をお送りください。",
        ),
        "RESIDENCE_CERTIFICATE_MISSING": (
            "{whose}の住民票が同封されていません",
            "{whose}の住民票の原本{fresh}で、マイナンバーの印字がないものをお送りください。",
        ),
        "AUTHORITY_DOCUMENT_MISSING": (
            "{whose}の代理権を確認できる書類が同封されていません",
            "{whose}の代理権を確認できる書類の原本{fresh}をお送りください。",
        ),
        "MANDATE_MISSING": (
            "{whose}の委任状が同封されていません",
            "{whose}が記入し、登録印を押した委任状をお送りください。",
        ),
        "SUBSTITUTE_NOT_ALLOWED": (
            "{whose}の印鑑登録証明書に代わる書類ではお受けできません",
            "{whose}の印鑑登録証明書の原本{fresh}をお送りください。",
        ),
        "PASSPORT_MISSING": (
            "{whose}の外国発行のパスポートの写しが同封されていません",
            "{whose}の在留カードとあわせて外国発行のパスポートの写しをお送りください。",
        ),
    }
)
"""Of a paper that did not come: label and cure, with whose it is and how old it may be."""


def of_whom(code: str, whose: str, months: int | None) -> Reason:
    """The reason `code` about a paper of somebody; of other reasons as `worded` has it."""
    if code not in _NOTHING_SENT:
        return REASONS[code]
    fresh = "" if months is None else f"（発行日から{months}か月以内のもの）"
    label, cure = (text.format(whose=whose, fresh=fresh) for text in _NOTHING_SENT[code])
    return Reason(code, label, cure)


def worded(code: str, expired: str | None = None, missing: Sequence[str] = ()) -> Reason:
    """The reason `code`, in words that fit what was found.

    Args:
        code: of `REASONS`.
        expired: of a paper that ran out, what ran out: `validity` (the day that it states) or `age`
            (since it was issued); None when that is not known.
        missing: of a form, the fields of `FORM_LABELS` that were left empty.
    """
    reason = REASONS[code]
    labels = [label for field, label in FORM_LABELS.items() if field in missing]
    if code == "FORM_INCOMPLETE" and labels:
        label = f"申請書に次の事項の記入がありません（{'、'.join(labels)}）"
        return Reason(code, label, "記入のない事項をご記入ください。")
    if code in _EXPIRED and expired == "validity":
        return Reason(code, f"{_EXPIRED[code]}の有効期限が過ぎています", _VALID)
    if code in _EXPIRED and expired == "age":
        return Reason(code, f"{_EXPIRED[code]}の発行日から3か月が過ぎています", _FRESH)
    return reason
