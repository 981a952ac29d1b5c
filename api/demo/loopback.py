"""An application on loopback, served by a thread of `ledger demo`."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from api.server.supervisor import POLL_S

HOST: Final = "127.0.0.1"


@contextmanager
def serving(app: Starlette, listening: socket.socket, name: str) -> Generator[None]:
    """Serve `app` at that socket, while the context is open.

    Args:
        name: of the thread.
    """
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name=name)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(POLL_S)
        yield
    finally:
        server.should_exit = True
        thread.join()
