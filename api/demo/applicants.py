"""Who asks for disclosure: invented persons of the year, and what was handed over of each.

Their names hold what letters must print: 髙, 﨑, 𠮷, and one form of 邉 that no font here has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, cast

from api.demo import acts, parties
from api.demo.people import HERO, DemoPerson
from api.demo.plan import APP, MEMBERS, SHOP, PlannedTransfer
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who asks, or for whom somebody asks.

    Attributes:
        label: by which the steps of the case and the transfers of the person refer to them.
        name: as the form says it; the records may hold the name from before a marriage.
    """

    label: str
    person: DemoPerson
    name: str
    kana: str
    address: str
    birth_date: str

    @property
    def identifiers(self) -> list[Json]:
        """What the form names: the member number, and the account where there is one."""
        known = (self.person.known_as("member"), self.person.known_as("account"))
        return [{"scheme": one["scheme"], "id": one["id"]} for one in known if one is not None]

    @property
    def form(self) -> dict[str, Json]:
        """The fields of the form, as written."""
        return {
            "name": self.name,
            "name_kana": self.kana,
            "postal_code": "100-0000",
            "address": self.address,
            "phone": "03-0000-0000",
        }


_ROWS: Final = (
    ("refused", "服部 昇", "ハットリ ノボル", "見本町一丁目2番3号", "1971-04-02"),
    ("not-found", "𠮷田 茂", "ヨシダ シゲル", "見本町二丁目8番15号 例示荘101", "1949-09-22"),
    ("not-held", "宮﨑 茜", "ミヤザキ アカネ", "例示台三丁目4番5号", "1990-01-17"),
    ("reopened", "高梨 真", "タカナシ マコト", "例示台五丁目1番11号", "1983-12-01"),
    ("returned", "中嶋 光", "ナカジマ ヒカル", "架空坂一丁目20番1号 見本館302", "1995-06-30"),
    ("partial", "髙橋 さくら", "タカハシ サクラ", "架空坂二丁目7番6号", "1988-02-29"),
    ("deceased", "大塚 清", "オオツカ キヨシ", "見本町四丁目3番9号", "1938-11-03"),
    ("withdrawn", "西野 渚", "ニシノ ナギサ", "例示台一丁目15番2号", "1999-08-08"),
    ("resubmitted", "山﨑 健吾", "ヤマサキ ケンゴ", "架空坂三丁目2番2号", "1979-05-05"),
    (
        "ready",
        "小野寺 遥",
        "オノデラ ハルカ",
        "見本町五丁目6番7号 例示レジデンス1204",
        "1992-10-10",
    ),
    ("sent-back", "濵田 結衣", "ハマダ ユイ", "例示台二丁目9番1号", "2001-03-14"),
    ("submitted", "黒﨑 陽一", "クロサキ ヨウイチ", "架空坂四丁目11番8号", "1968-07-21"),
    ("blocked", "渡邉\U000e010f 薫", "ワタナベ カオル", "見本町三丁目5番5号", "1985-01-25"),
    ("child", "三枝 湊", "サエグサ ミナト", "例示台四丁目12番3号", "2014-05-02"),
    ("agent", "桐生 節子", "キリュウ セツコ", "架空坂五丁目3番3号", "1944-12-24"),
    ("correction", "東雲 朔", "シノノメ サク", "見本町六丁目1番2号", "1987-09-09"),
    ("form", "葛\U000e0100西 凛", "カサイ リン", "例示台六丁目8番4号", "1996-02-12"),
    ("identity", "芦田 歩", "アシダ アユム", "架空坂六丁目4番10号", "1974-06-06"),
    ("received", "早乙女 蓮", "サオトメ レン", "見本町七丁目9番9号", "2003-11-11"),
)

# Whose records bear another name than the form: an officer says why.
_BEFORE_MARRIAGE: Final[Mapping[str, str]] = MappingProxyType({"submitted": "藤代 陽一"})


def _applicant(n: int, row: tuple[str, str, str, str, str]) -> Applicant:
    label, name, kana, address, birth_date = row
    # Numbers below those of the crowd: the first four digits of theirs are 1,000 and more.
    recorded = _BEFORE_MARRIAGE.get(label, name)
    person = DemoPerson(recorded, f"M-0101-{n:04}", f"A20{n:06}", None)
    return Applicant(label, person, name, kana, f"東京都架空区{address}", birth_date)


HEROINE: Final = Applicant(
    "full",
    HERO,
    HERO.name,
    "ミホン ハナコ",
    "東京都架空区見本町一丁目1番1号 例示ハイツ203",
    "1988-03-03",
)
APPLICANTS: Final[Mapping[str, Applicant]] = MappingProxyType(
    {
        one.label: one
        for one in (HEROINE, *(_applicant(n, row) for n, row in enumerate(_ROWS, start=1)))
    }
)
"""Label → who; the heroine's transfers are told in `story`."""

OF_NOBODY: Final = frozenset(("not-found",))
"""Of whom nothing is recorded."""
OF_ONE_TRANSFER: Final = frozenset(("not-held",))


def handed_over(begin: date) -> Iterable[PlannedTransfer]:
    """What was handed over of the applicants in the year that begins on `begin`.

    Each has a transfer with the label of the applicant.
    """
    for n, one in enumerate(APPLICANTS.values()):
        if one is HEROINE or one.label in OF_NOBODY:
            continue
        member = cast("dict[str, Json]", one.person.known_as("member"))
        day = begin + timedelta(days=30 + 4 * n)
        transfer = acts.consented(day, parties.ADS, [member], ("氏名", "メールアドレス"))
        yield PlannedTransfer(day, MEMBERS, transfer, one.label)
        if one.label not in OF_ONE_TRANSFER:
            yield from _more(begin + timedelta(days=140 + 5 * n), one.person)


def _more(day: date, person: DemoPerson) -> Iterable[PlannedTransfer]:
    """Received of an insurer, abroad, at a hotel by contract, to the joint user, to the carrier."""
    member = cast("dict[str, Json]", person.known_as("member"))
    account = cast("dict[str, Json]", person.known_as("account"))
    yield PlannedTransfer(
        day,
        MEMBERS,
        acts.received(day, parties.INSURER, [member], ("氏名", "生年月日", "見積内容")),
    )
    later = day + timedelta(days=11)
    yield PlannedTransfer(
        later,
        SHOP,
        acts.abroad(later, parties.ANALYTICS, [account], ("お客さまの識別子", "購入履歴")),
    )
    yield PlannedTransfer(later, SHOP, acts.entrusted(later, [account]))
    last = later + timedelta(days=17)
    yield PlannedTransfer(
        last, APP, acts.consented(last, parties.STUDIO, [member], ("お客さまの識別子",))
    )
    yield PlannedTransfer(
        last, MEMBERS, acts.jointly_used(last, [member], ("氏名", "ご契約状態"), "①")
    )
