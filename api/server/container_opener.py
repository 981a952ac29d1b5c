"""Open the container, unless its keys would not open: under other masters nothing may be sealed."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from datetime import datetime

from api.container import Container
from api.server.key_ring_check import RingSample
from api.server.secrets import OtherMastersError, secrets_of
from api.settings.settings import Settings
from ledger.clock import now
from ledger.errors import BrokenWorldError, StoreUnavailableError
from ledger.postgres.roles import RoleUrls


@contextmanager
def opened(
    settings: Settings, urls: RoleUrls, clock: Callable[[], datetime] = now
) -> Generator[Container]:
    """The container, closed at the end.

    Args:
        urls: of a database with every migration applied.

    Raises:
        SettingsError: a secret is missing.
        OtherSecretError: the ledger was begun with another secret.
        OtherMastersError: see there.
        StoreUnavailableError: the database cannot be reached.
    """
    fixed_bytes = settings.exclusions_kib * 1024
    with closing(
        Container(urls, settings.name, secrets_of(settings), clock, fixed_bytes)
    ) as container:
        # A database that goes away just now is no reason to end; readiness looks at the keys again.
        with suppress(StoreUnavailableError):
            check_keys(container)
        yield container


def check_keys(container: Container, sample: RingSample | None = None) -> None:
    """Pass when a living key of each epoch opens under the masters of this process.

    Args:
        sample: which keys; another one at each call when None.

    Raises:
        OtherMastersError: one does not open.
        MastersUnavailableError: the masters cannot be reached.
        StoreUnavailableError: the database cannot be reached.
    """
    sample = sample or RingSample(container.writer, container.secret.row_mac, container.now)
    rows = sample.rows()
    try:
        for row in rows:
            container.keys.unwrapped(row)
    except BrokenWorldError as error:
        raise OtherMastersError(
            f"the keys of this ledger do not open ({error}): LEDGER_EPOCH_MASTER_DIR (or "
            "LEDGER_EPOCH_MASTER) must hold the epoch masters that it was sealed with"
        ) from error
