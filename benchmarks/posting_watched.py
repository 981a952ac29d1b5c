"""What those send who watch emitters, notices, holds and the log, beside the cases.

As in `benchmarks.posting`: a form is read from its page, filled in, and sent.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from api.demo.people import MEMBER
from api.settings.environment import Role
from benchmarks.demo import Browser
from benchmarks.desk import FOUND, Desk, Posted, day
from benchmarks.filling import Typed, sheet
from ledger.clock import day_in_japan, now

_ACTS: Final = "/desk/audit/acts"
_EMITTERS: Final = "/desk/emitters"
_HOLDS: Final = "/desk/holds"
_NOTICES: Final = "/desk/notices"
_QUARANTINE: Final = f"{_EMITTERS}/quarantine"
_UNPROCESSABLE: Final = 422
_BEGUN: Final = timedelta(days=30)


def watch(people: Mapping[Role, Browser], number: int) -> Iterator[Posted]:
    """One thing of each kind.

    Args:
        number: what must differ between two of a kind, differs by it.

    Raises:
        OtherAnswerError: a step was not taken.
    """
    desk = Desk(people)
    listed = desk.post("auditor", _ACTS, _ACTS, {}, status=FOUND)
    yield Posted(_ACTS, "auditor", listed)
    yield from _registered(desk, number)
    yield from _rejected(desk)
    yield from _held(desk, number)
    yield from _published(desk, number)


def _registered(desk: Desk, number: int) -> Iterator[Posted]:
    emitter = f"bench-{number}"
    new = {
        "emitter": emitter,
        "name": "計測の送信元",
        "source": f"https://{emitter}.example.jp/",
        **day("since", _today() - _BEGUN),
    }
    yield Posted(_EMITTERS, "operator", desk.post("operator", _EMITTERS, _EMITTERS, new))


def _rejected(desk: Desk) -> Iterator[Posted]:
    listed = desk.people["emitter_keeper"].get(_QUARANTINE).body.decode()
    rejected = listed.partition(f'href="{_QUARANTINE}/')[2].partition('"')[0]
    path = f"{_QUARANTINE}/{rejected}"
    # As the item is, which is wrong: its verdict is refused, its text is shown.
    for act, status in (("check", _UNPROCESSABLE), ("content", FOUND)):
        shown = desk.post("emitter_keeper", path, path, {"act": act}, status=status)
        yield Posted(f"{_QUARANTINE}/{{rejected}}", "emitter_keeper", shown, act)


def _held(desk: Desk, number: int) -> Iterator[Posted]:
    typed = {"scheme_1": MEMBER, "id_1": f"M-BENCH-{number}", "reason": "訴訟に備えるため"}
    yield Posted(_HOLDS, "officer", desk.post("officer", _HOLDS, _HOLDS, typed))
    # The newest stands first.
    page = desk.people["chief"].get(_HOLDS).body.decode()
    hold = page.partition(f'action="{_HOLDS}/')[2].partition('"')[0]
    release = f"{_HOLDS}/{hold}"
    done = desk.post("chief", _HOLDS, release, {"release_reason": "訴訟が終わったため"})
    yield Posted(f"{_HOLDS}/{{hold}}/release", "chief", done)


def _published(desk: Desk, number: int) -> Iterator[Posted]:
    """A notice is published and withdrawn; each is looked at first, as both stay."""
    path, route = f"{_NOTICES}/joint-use/publication", f"{_NOTICES}/{{notice}}/publication"
    seen = desk.post("chief", path, path, _notice(number), status=FOUND)
    yield Posted(route, "chief", seen)
    done = desk.send("chief", sheet(seen.body, f"{path}/publish"), {})
    yield Posted(f"{route}/publish", "chief", done)
    path = f"{done.location.partition('/waiting')[0]}/withdrawal"
    route = f"{_NOTICES}/{{notice}}/withdrawal"
    reason = {**day("day", _today()), "reason": "計測が終わったため"}
    seen = desk.post("chief", path, path, reason, status=FOUND)
    yield Posted(route, "chief", seen)
    done = desk.send("chief", sheet(seen.body, f"{path}/withdraw"), {})
    yield Posted(f"{route}/withdraw", "chief", done)


def _notice(number: int) -> Typed:
    begins = _today() - _BEGUN
    return {
        "notice_id": f"bench-{number}",
        "version": "1",
        **day("in_force_from", begins),
        **day("published_on", begins),
        "owner": "us",
        "title": "計測の共同利用",
        "data_kinds": ["personal_data"],
        "party_1": "us",
        "user_1": "例示ホールディングス株式会社",
        "party_2": f"bench-{number}",
        "user_2": "例示トラベル株式会社",
        "category_1": "基本情報",
        "listed_1": "氏名\n住所",
        "code_1": "service",
        "purpose_1": "サービスの提供",
        "responsible_name": "例示ホールディングス株式会社",
        "responsible_address": "東京都千代田区丸の内1-1-1",
        "responsible_representative": "代表取締役 例示 太郎",
    }


def _today() -> date:
    return day_in_japan(now())
