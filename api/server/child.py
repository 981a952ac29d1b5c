"""What a running ledger's processes run: `python -m api.server.child TASK …`.

Tasks: `web FD N`, `follow`, `keep`, `integrate`, `commit`.

Standard input is the line to the supervisor: when it closes, the supervisor is gone, and the
process ends as if it were told to. Before it ends of an error it tells the supervisor why.
"""

import logging
import os
import socket
import sys
import threading
from typing import Final

from api.database import find_urls
from api.observability import configure
from api.server.control_pipe import END, on_the_end, say
from api.server.reasons import is_operators, why
from api.settings.settings import Settings
from ledger.core_dumps import forbid_core_dumps

# Not its own name: that is `__main__` when it runs, and of others than ours no message is logged.
log: Final = logging.getLogger("api.server.child")


def main() -> None:
    """Run one process of the ledger until it is told to end."""
    forbid_core_dumps()
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        run(settings, sys.argv[1:])
    except Exception as error:
        say(END, why(error))
        if not is_operators(error):
            raise
        # A sentence of ours: errors of the ledger hold no personal data.
        log.critical(why(error), extra={"error": type(error).__name__})
        sys.exit(1)


def run(settings: Settings, arguments: list[str]) -> None:
    """Run the process that `arguments` name until it is told to end."""
    # Each imports what it is itself, and starts sooner without the others.
    match arguments:
        case ["web", descriptor, number]:
            from api.server import web  # noqa: PLC0415 -- see above

            if settings.http_pinned:
                web.keep_to_one_core(os.getppid() + int(number))
            web.serve(settings, socket.socket(fileno=int(descriptor)))
        case ["follow"]:
            from api.server.follower import follow  # noqa: PLC0415 -- see above

            stop = threading.Event()
            on_the_end(stop.set)
            follow(settings, find_urls(settings), stop)
        case ["keep"]:
            from api.server.daily_job import keep, leave  # noqa: PLC0415 -- see above

            on_the_end(leave)
            keep(settings, find_urls(settings))
        case ["integrate"]:
            from api.server.integrator import integrate  # noqa: PLC0415 -- see above

            stop = threading.Event()
            on_the_end(stop.set)
            integrate(settings, find_urls(settings), stop)
        case ["commit"]:
            from api.server.bulk_committer import commit, cut_off  # noqa: PLC0415 -- see above

            on_the_end(cut_off)
            commit(settings, find_urls(settings))
        case _:
            sys.exit(2)


if __name__ == "__main__":
    main()
