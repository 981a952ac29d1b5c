"""Processes that live long look for cycles of references seldom."""

import subprocess
import sys

from api.server.gc_policy import GC_OBJECTS_MIN
from tests.database import Database
from tests.serving.houses import SETTINGS
from tests.serving.test_starting import given_for

FOLLOWING = """
import gc, os, threading
from api.database import found
from api.server.follower import follow
from api.settings.settings import Settings

settings, stop = Settings.from_environment(os.environ), threading.Event()
stop.set()
follow(settings, found(settings), stop)
print(gc.get_threshold()[0], gc.get_freeze_count() > 0, gc.isenabled())
"""


def test_a_follower_does_not_look_through_all_it_holds_for_every_few_events(
    shared_database: Database,
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FOLLOWING],
        env=given_for(shared_database.login, LEDGER_NAME=SETTINGS.name),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [str(GC_OBJECTS_MIN), "True", "True"]
