"""What the server's own log may hold: no statement, no parameter, no key value, no error text.

An error's text goes to the client, who knows what to do with it. In the server's log it would be
personal data on disk, outlive its key, and go into backups: `invalid input syntax for type uuid:
"…"` quotes what came in, DETAIL quotes key values, CONTEXT a line of COPY.
"""

from typing import Final

import psycopg

QUIET_LOG: Final = {
    # Errors are told to the client alone; LOG, FATAL and PANIC stay (start, stop, recovery, crash).
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    # No DETAIL, HINT, QUERY, CONTEXT: "Key (kind, key)=(…) already exists." is a DETAIL.
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
}
"""Settings with the values that keep the log clean; every one may be set for a role."""

_ALSO_QUIET: Final = {
    "log_min_messages": {"fatal", "panic"},
    # These exist only where their modules are loaded.
    "auto_explain.log_min_duration": {"-1"},
    "pgaudit.log": {"none", ""},
}
_VERBOSITY: Final = "log_error_verbosity"
_FOR_THIS_LOGIN: Final = frozenset({"database", "user", "database user", "client", "session"})

_SELECT_SETTINGS: Final = "SELECT name, setting, source FROM pg_settings WHERE name = ANY(%s)"


def check_server_settings(connection: psycopg.Connection) -> list[str]:
    """Name the settings of this session that may put personal data into the server's log.

    Returns:
        One line a risky setting: its name, its value and the value that is safe; empty when the
        log is quiet. Meant for the log at start and for health pages.
    """
    names = list({**QUIET_LOG, **_ALSO_QUIET})
    risky: list[str] = []
    for name, value, source in connection.execute(_SELECT_SETTINGS, (names,)):
        safe = {QUIET_LOG[name]} if name in QUIET_LOG else set[str]()
        if value not in safe | _ALSO_QUIET.get(name, set[str]()):
            risky.append(f"{name} is {value}, safe is {QUIET_LOG.get(name, 'off')}")
        elif name == _VERBOSITY and source in _FOR_THIS_LOGIN:
            # When a session's process crashes, it is the server that writes: "Failed process was
            # running: …", a DETAIL with the statement.
            risky.append(f"{name} is {value} for this login only; set it for the whole server")
    return sorted(risky)
