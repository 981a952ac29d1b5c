"""The embedded server's whole configuration, as options of its command line.

There no edited file and no ALTER SYSTEM can loosen it.
"""

import logging
import socket
from collections.abc import Mapping
from typing import Final

from ledger.postgres.home import Home
from ledger.postgres.privacy import QUIET_LOG

log = logging.getLogger(__name__)

_PORT: Final = 5432
"""Only part of the socket's name: nobody else uses that folder."""
_LOCALHOST: Final = "127.0.0.1"

_OURS: Final = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "log_checkpoints": "off",
}
NO_PROGRAMS: Final = {
    "archive_mode": "off",
    "archive_command": "",
    "archive_library": "",
    "archive_cleanup_command": "",
    "restore_command": "",
    "recovery_end_command": "",
    "ssl_passphrase_command": "",
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
}
"""What would have the server run or load something else: whatever a file says, nothing."""
_THROWAWAY: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
}


def server_options(home: Home, options: Mapping[str, str], *, durable: bool) -> list[str]:
    """Arguments for `postgres`; `options` win over ours, but not over privacy and the address."""
    chosen = {**_OURS, **({} if durable else _THROWAWAY), **options, **QUIET_LOG, **NO_PROGRAMS}
    if home.socket_fits:
        chosen |= {"unix_socket_directories": str(home.run), "listen_addresses": ""}
        chosen["port"] = str(_PORT)
    else:
        log.warning("%s is too long for a Unix socket; using %s", home.run, _LOCALHOST)
        chosen |= {"unix_socket_directories": "", "listen_addresses": _LOCALHOST}
        chosen["port"] = str(_free_port())
    return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port
