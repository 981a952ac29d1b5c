"""Invented persons, and how the three platforms know each of them."""

from dataclasses import dataclass
from random import Random
from typing import Final

from ledger.values import Json

MEMBER: Final = "member"
ACCOUNT: Final = "account"
DEVICE: Final = "device"

_SURNAMES_TEXT: Final = (
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 "
    "斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 "
    "村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 原田 中川 松田 竹内 "
    "小野 田村 中山 和田 石田 森田 上田 原 柴田 酒井 宮崎 横山 高木 安藤 大野 菅原 武田 今井"
)
_GIVEN_NAMES_TEXT: Final = (
    "翔太 大輔 健太 拓也 直樹 達也 和也 亮 誠 陽一 悠斗 蓮 湊 大翔 陽向 樹 蒼 律 朝陽 颯太 "
    "美咲 愛 彩 麻衣 舞 千尋 恵 裕子 由美子 真由美 陽菜 結衣 葵 凛 紬 芽依 莉子 さくら 咲良 杏 "
    "修 茂 清 進 実 昭 正 勇 久美子 幸子 和子 節子 京子 洋子 光 薫 歩 渚 遥 望"
)
_OF_APPLICANTS: Final = frozenset({"高橋 さくら", "吉田 茂", "渡辺 薫", "中島 光"})
"""Names that somebody of `applicants` bears, too, as names are compared: nobody else does."""
_OTHER_GIVEN_NAME: Final = "真由美"
_SURNAMES: Final = tuple(_SURNAMES_TEXT.split())
_GIVEN_NAMES: Final = tuple(_GIVEN_NAMES_TEXT.split())


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One invented person.

    Attributes:
        member: known to the membership platform; everybody is.
        account: known to the shop; None for who never bought anything.
        device: known to the app; None for who never installed it.
    """

    name: str
    member: str
    account: str | None
    device: str | None

    def known_as(self, scheme: str) -> dict[str, Json] | None:
        """The person as a transfer's principal; None when that platform does not know them."""
        match scheme:
            case "member":
                return {"scheme": MEMBER, "id": self.member, "name": self.name}
            case "account" if self.account is not None:
                return {"scheme": ACCOUNT, "id": self.account, "name": self.name}
            case "device" if self.device is not None:
                # The app asks nobody for a name.
                return {"scheme": DEVICE, "id": self.device}
            case _:
                return None


HERO: Final = DemoPerson("見本 花子", "M-0042-7781", "A20431187", "d3f0c2a9b1e84756")
"""Whose history is shown; the name is the one on every Japanese specimen form."""


def people(count: int, random: Random) -> list[DemoPerson]:
    """`count` persons, the first of them `HERO`; no two share an identifier."""
    return [HERO, *(_person(n, random) for n in range(1, count))]


def _person(n: int, random: Random) -> DemoPerson:
    surname, given_name = random.choice(_SURNAMES), random.choice(_GIVEN_NAMES)
    if f"{surname} {given_name}" in _OF_APPLICANTS:
        given_name = _OTHER_GIVEN_NAME
    # The number stands inside each identifier, so that none comes twice whatever is drawn.
    return DemoPerson(
        name=f"{surname} {given_name}",
        member=f"M-{n // 10_000 + 1_000:04}-{n % 10_000:04}",
        account=f"A{n * 7 + 30_000_000}" if random.random() < 0.7 else None,  # noqa: PLR2004 -- a share
        device=f"{random.getrandbits(32):08x}{n:08x}" if random.random() < 0.5 else None,  # noqa: PLR2004 -- a share
    )
