"""Two houses in two processes write while a follower follows."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from itertools import count

from projections.verification import differences
from tests.database import Database
from tests.ledger.given import person
from tests.ledger.inside import inside
from tests.oracle.appending import SHARED_KEYS, write_share
from tests.oracle.fold import history, transfers_at
from tests.oracle.judging import wrong_verdicts
from tests.oracle.world import answer_of
from tests.projections.log import log_of
from tests.rounds import rounds

_ROUNDS = rounds(25, at_least=10)
_SECONDS = 180


def test_the_index_is_the_oracles_after_two_processes_wrote_at_once(database: Database) -> None:
    spawn = multiprocessing.get_context("spawn")
    stop, wake = threading.Event(), threading.Event()
    with (
        inside(database) as house,
        spawn.Manager() as manager,
        ProcessPoolExecutor(2, mp_context=spawn) as processes,
    ):
        follower = threading.Thread(target=house.house.follower().run, args=(stop, wake))
        follower.start()
        meeting = manager.Barrier(2, timeout=_SECONDS)
        shares = [
            processes.submit(
                write_share, database.urls, database.ledger_name, meeting, share, _ROUNDS
            )
            for share in (0, 1)
        ]
        found = [share.result(_SECONDS) for share in shares]
        head = house.head()
        house.house.histories.wait(head, _SECONDS)
        stop.set()
        wake.set()
        follower.join(_SECONDS)
        assert not follower.is_alive()
        # Neither had to wait until the other was done (they met on the way, and had recorded by
        # then), and each shared key was recorded once.
        assert min(found[0]) < max(found[1])
        assert min(found[1]) < max(found[0])
        events = house.events()
        transfers = transfers_at(events, head)
        assert sorted(found[0] + found[1]) == sorted(one.position for one in transfers.values())
        assert len(transfers) == 2 * 2 * _ROUNDS + SHARED_KEYS
        assert sum(event.type == "series-opened" for event in events) == 1
        assert list(wrong_verdicts(events)) == []
        versions: dict[str, count[int]] = {}
        for event in events:
            assert event.version == next(versions.setdefault(event.stream, count(1)))
        for who in ("P0", "P1", "P2", "P3", "Q0", "Q1"):
            for position in (head, head // 2):
                page = house.house.histories.page([person(who)], position, None, 1_000)
                shown = [answer_of(entry) for entry in page.entries]
                assert shown == history(events, position, [("member", who)])
        inner = house.house
        assert not list(differences(house.connection, log_of(inner), inner.secret))
