"""Of whom the envelopes of the practice cases speak: records that are there when one is opened.

No request of theirs is in the ledger: whoever practises takes it in. What stands on the papers is
told by the tutorial, docs/tutorial/renshu.ja.md; the tests open its envelopes on this world.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, cast

from api.demo import acts, parties
from api.demo.people import DemoPerson
from api.demo.plan import MEMBERS, PlannedTransfer
from ledger.values import Json

RARE: Final = DemoPerson("渡邉 𠮷乃", "M-0202-0001", None, None)
"""Whose form has one form of 邉 that no font here has; the platform holds the usual one."""
MARRIED: Final = DemoPerson("水瀬 美緒", "M-0202-0002", None, None)
"""Whose records bear the name from before the marriage."""
NAMESAKE: Final = DemoPerson("早瀬 美緒", "M-0202-0003", None, None)
"""Somebody else, who has the name that the other one bears now."""
CHILD: Final = DemoPerson("森下 湊太", "M-0202-0004", None, None)
GROWN: Final = DemoPerson("森下 蒼介", "M-0202-0005", None, None)
"""The brother, of age since 3 March 2026."""
MANDATOR: Final = DemoPerson("小田切 節", "M-0202-0006", None, None)
PERSONS: Final = (RARE, MARRIED, NAMESAKE, CHILD, GROWN, MANDATOR)


def practised(begin: date) -> Iterable[PlannedTransfer]:
    """What was handed over of them in the year that begins on `begin`."""
    for n, person in enumerate(PERSONS):
        who = [cast("dict[str, Json]", person.known_as("member"))]
        day = begin + timedelta(days=70 + 6 * n)
        yield PlannedTransfer(
            day, MEMBERS, acts.consented(day, parties.ADS, who, ("氏名", "メールアドレス"))
        )
        later = day + timedelta(days=40)
        received = acts.received(later, parties.INSURER, who, ("氏名", "見積内容"))
        yield PlannedTransfer(later, MEMBERS, received)
        last = day + timedelta(days=150)
        yield PlannedTransfer(
            last, MEMBERS, acts.consented(last, parties.STUDIO, who, ("お客さまの識別子",))
        )
