"""The signed log as the settings say: where it lies, and who signs it."""

from pathlib import Path
from typing import Final

from api.settings.settings import Settings
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.signer import NAMED, TransitSigner
from ledger.crypto.notes import Signer
from ledger.crypto.seed_signer import SeedSigner
from ledger.postgres.home import default_home
from projections.log import epochs
from projections.log.anchor import FileAnchor
from projections.log.folder import TileFolder
from projections.log.signed_log import SignedLog

FOLDER: Final = "log-tiles"
ANCHOR: Final = "log-anchor"


class LogFolderError(Exception):
    """The log is to be signed, and nobody said where it lies."""


def signed_log(settings: Settings) -> SignedLog | None:
    """The log of the ledger in the epoch that is signed now; None: it has no key.

    Raises:
        LogPlaceError: with an outer database its folder and its anchor must be named.
    """
    signer = _signer(settings)
    if signer is None:
        return None
    folder = settings.log_dir or _at_home(settings, FOLDER, "LEDGER_LOG_DIR")
    anchor = settings.log_anchor or _at_home(settings, ANCHOR, "LEDGER_LOG_ANCHOR")
    name = signer.verifier.name
    root, held = folder.absolute(), FileAnchor(anchor.absolute())
    first = SignedLog(
        TileFolder(root),
        held,
        signer,
        settings.log_witness_policy,
        name,
        root,
        authority=settings.log_tsa_ca,
    )
    epoch = epochs.current(name, root, _anchored(held))
    return first if epoch == 1 else first.of(epoch)


def _signer(settings: Settings) -> Signer | None:
    verifier = settings.log_verifier
    if verifier is None:
        return None
    if settings.log_key is not None:
        return SeedSigner(verifier.name, settings.log_key)
    url, key, token = settings.log_kms_url, settings.log_kms_key, settings.log_kms_token_file
    assert url is not None, "the settings were checked"
    assert key is not None, "as above"
    assert token is not None, "as above"
    return TransitSigner(TransitEngine(url, token, settings.kms_s_max, NAMED), key, verifier)


def _anchored(anchor: FileAnchor) -> str | None:
    try:
        return anchor.read()
    except OSError:
        return None  # whoever signs says why; who answers questions needs the folder alone


def _at_home(settings: Settings, name: str, setting: str) -> Path:
    if settings.has_outer_database:
        raise LogFolderError(
            f"{setting} is not set: with an outer database there is no home for it"
        )
    return (settings.home or default_home()) / name
