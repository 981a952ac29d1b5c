"""Locks of the embedded server's home that another user of the machine holds.

Attack: a user of the machine opens the file `lock` or `owner` of the home, into whose folder the
server's user must be let, and holds its lock: whoever starts, joins or stops the server waits.

Held off by: both files are 0600, and so are those of a home of before from its next start.
"""

from ledger.postgres.embedded_server import EmbeddedServer
from tests.postgres.backups import FAST
from tests.postgres.temporary import temporary_folder


def test_nobody_else_can_open_what_is_locked_even_in_a_home_of_before() -> None:
    with temporary_folder(FAST) as folder:
        server = EmbeddedServer(folder / "home", FAST)
        server.home.make()
        locks = [server.home.path / name for name in ("lock", "owner")]
        for path in locks:
            path.touch()
            path.chmod(0o644)
        with server:
            assert [path.stat().st_mode & 0o777 for path in locks] == [0o600, 0o600]
        for path in locks:
            path.unlink()
        with server:
            assert [path.stat().st_mode & 0o777 for path in locks] == [0o600, 0o600]
