"""Fields of the application form, as a letter names the one that was left empty.

Source: the published procedure (開示等請求申請書).
"""

from collections.abc import Mapping
from types import MappingProxyType

FORM_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "date": "ご請求日",
        "name": "ご本人の氏名",
        "name_kana": "ご本人の氏名のフリガナ",
        "birth_date": "ご本人の生年月日",
        "postal_code": "ご本人の郵便番号",
        "address": "ご本人の住所",
        "phone": "ご本人の電話番号",
        "identifier": "会員番号など、ご本人の記録を特定する番号",
        "kind": "ご請求の種類",
        "scope": "ご請求の対象",
        "period": "ご請求の対象期間",
        "medium": "開示の方法",
        "measure": "ご請求の措置の内容",
        "cause": "ご請求の理由",
        "requester": "ご請求者の区分",
        "reply_address": "回答の送付先",
        "billing_postal_code": "請求書送付先の郵便番号",
        "billing_address": "請求書送付先の住所",
        "agent_name": "代理人の氏名",
        "agent_postal_code": "代理人の郵便番号",
        "agent_address": "代理人の住所",
        "agent_phone": "代理人の電話番号",
        "representative_name": "法定代理人の氏名",
        "representative_postal_code": "法定代理人の郵便番号",
        "representative_address": "法定代理人の住所",
        "representation": "法定代理人の資格",
        "signature": "ご署名",
        "seal": "押印",
    }
)
"""Code of a field → what a letter calls it, in the order of a letter."""

NAMES_OF_PRINCIPAL = ("name", "name_kana")
"""The fields in which the form says what the principal is called."""
