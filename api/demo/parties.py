"""The other parties: companies whose names say that they do not exist, at addresses as they look.

The joint user is the exception: the policy's own notice names it. Its representative is invented.
"""

from typing import Final

from ledger.values import Json

Party = dict[str, Json]


def _corporation(party_id: str, name: str, address: str, representative: str) -> Party:
    return {
        "party_id": party_id,
        "kind": "corporation",
        "name": name,
        "address": address,
        "representative": f"代表取締役 {representative}",
    }


ADS: Final = _corporation(
    "kaku-ads", "架空広告株式会社", "東京都港区芝浦三丁目4番1号 見本ビル12階", "例示 一郎"
)
INSURER: Final = _corporation(
    "mihon-hoken",
    "見本保険比較株式会社",
    "大阪府大阪市北区梅田三丁目1番3号 例示タワー",
    "見本 次郎",
)
CARRIER: Final = _corporation(
    "reiji-butsuryu",
    "例示物流株式会社",
    "埼玉県さいたま市大宮区桜木町一丁目7番5号",
    "例示 三郎",
)
HOTEL: Final = _corporation(
    "kaku-ryokan", "株式会社架空旅館組", "京都府京都市東山区祇園町南側570番地", "架空 女将"
)
LISTS: Final = _corporation(
    "mihon-meibo", "見本名簿サービス株式会社", "愛知県名古屋市中区栄三丁目15番33号", "見本 四郎"
)
PAYMENTS: Final = _corporation(
    "kaku-kessai",
    "架空決済株式会社",
    "福岡県福岡市博多区博多駅前二丁目1番1号",
    "架空 五郎",
)
PARTNER: Final = _corporation(
    "reiji-events", "例示イベント合同会社", "北海道札幌市中央区北一条西二丁目1番地", "例示 夏子"
)
DOCOMO: Final = _corporation(
    "docomo",
    "株式会社NTTドコモ",
    "東京都千代田区永田町2丁目11番1号 山王パークタワー",
    "見本 太郎",
)
ANALYTICS: Final[Party] = {
    "party_id": "specimen-analytics",
    "kind": "corporation",
    "name": "Specimen Analytics, Inc.",
    "address": "100 Example Street, San Francisco, CA 94105, USA",
    "representative": "CEO Jane Example",
    "country": "US",
}
STUDIO: Final[Party] = {
    "party_id": "beispiel-studio",
    "kind": "corporation",
    "name": "Beispiel Studio GmbH",
    "address": "Musterstraße 1, 10115 Berlin, Deutschland",
    "representative": "Geschäftsführerin Erika Muster",
    "country": "DE",
}
POLICE: Final[Party] = {
    "kind": "public_body",
    "name": "架空県警察本部",
    "address": "架空県架空市中央一丁目1番1号",
}
