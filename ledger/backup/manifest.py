"""The manifest of a backup: what it holds, and of which ledger.

`manifest.json` is written last: a folder without one is no backup. It names files, positions and
epochs, and holds neither secrets nor personal data. A MAC under a subkey of the ledger secret
covers all of it, and through the hashes every file: whoever may write to a backup makes none that
is believed.
"""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

from ledger.crypto.files import write_atomically
from ledger.errors import BrokenWorldError

MANIFEST: Final = "manifest.json"
_FORMAT: Final = 2
_WITHOUT_MAC: Final = 1
"""The format of before: the same members but `mac`."""
_CHUNK_BYTES: Final = 1 << 20
_HASH_CHARS: Final = 64

Method = Literal["base", "dump"]
ManifestMac = Callable[[bytes], str]
"""`LedgerSecret.backup_mac`."""


class BackupError(BrokenWorldError):
    """The folder holds no backup that can be restored; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    Attributes:
        ledger: name of the ledger.
        method: `base`: the server's files; `dump`: our schemas.
        taken_at: instant at its begin, ISO 8601 in UTC.
        head: position that the backup reaches at least; a dump reaches it exactly.
        root: of the tree over the events up to `head`, hex (RFC 6962).
        postgres: version of the server, as it tells it, e.g. `18.6`.
        schema: package of migrations → number of the last one applied.
        epochs: names of the epoch masters that the living keys are wrapped under; for a base
            backup those at its begin and at its end.
        journal: whether the erasure journal is copied into the backup.
        files: path in the folder → (SHA-256 in hex, bytes).
        mac: of all the other members, 64 hex digits; None: it was made without the ledger secret.
    """

    ledger: str
    method: Method
    taken_at: str
    head: int
    root: str
    postgres: str
    schema: dict[str, int]
    epochs: list[str]
    journal: bool
    files: dict[str, tuple[str, int]]
    mac: str | None = None

    def signed(self, mac: ManifestMac) -> Self:
        """The same with its MAC."""
        return replace(self, mac=mac(self._covered()))

    def is_of(self, mac: ManifestMac) -> bool:
        """Whether somebody made it who held the ledger secret."""
        return self.mac is not None and compare_digest(self.mac, mac(self._covered()))

    def _covered(self) -> bytes:
        return json.dumps(asdict(replace(self, mac=None)), sort_keys=True).encode()


def files_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Path → (SHA-256, bytes) of every file below `folder`, the manifest aside."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [(path, path.relative_to(folder).as_posix()) for path in paths]
    return {name: _digest(path) for path, name in names if name != MANIFEST}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it: with that the folder is a backup."""
    members = {"format": _FORMAT, **asdict(manifest)}
    text = json.dumps(members, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / MANIFEST, text.encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the backup in `folder`, without a look at its files.

    Raises:
        BackupError: there is none, or it is broken.
    """
    try:
        members = cast("dict[str, Any]", json.loads((folder / MANIFEST).read_bytes()))
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no backup: there is no {MANIFEST} in it") from None
    except ValueError:
        raise BackupError(f"{MANIFEST} is broken") from None
    try:
        written = members.pop("format")
        if written not in (_WITHOUT_MAC, _FORMAT):
            raise BackupError(f"{MANIFEST} is of another format: use the program that wrote it")
        if ("mac" in members) != (written == _FORMAT):
            raise BackupError(f"{MANIFEST} is broken")
        members["files"] = {
            str(name): (_hex(digest), int(size))
            for name, (digest, size) in members["files"].items()
        }
        members["root"] = _hex(members["root"])
        if members.get("mac") is not None:
            members["mac"] = _hex(members["mac"])
        manifest = Manifest(**members)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BackupError(f"{MANIFEST} is broken") from None
    if manifest.method not in ("base", "dump") or type(manifest.head) is not int:
        raise BackupError(f"{MANIFEST} is broken")
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """Pass when the files are those of the manifest, bit by bit, no more and no fewer.

    Raises:
        BackupError: names the first that is not.
    """
    _check(folder, manifest.files)


def check_copy(copy: Path, manifest: Manifest, name: str) -> None:
    """The same for a copy of the backup's folder `name`.

    Raises:
        BackupError: names the first file that is not the manifest's.
    """
    start = f"{name}/"
    files = {
        path.removeprefix(start): of
        for path, of in manifest.files.items()
        if path.startswith(start)
    }
    _check(copy, files)


def _check(folder: Path, files: Mapping[str, tuple[str, int]]) -> None:
    for path in folder.rglob("*"):
        if not stat.S_ISREG(mode := path.lstat().st_mode) and not stat.S_ISDIR(mode):
            name = path.relative_to(folder).as_posix()
            raise BackupError(f"the backup is broken: {name} is no plain file (a link?)")
    found = files_of(folder)
    for name in sorted(files.keys() | found.keys()):
        if name not in found:
            raise BackupError(f"the backup is broken: {name} is missing")
        if name not in files:
            raise BackupError(f"the backup is broken: {name} is not of it")
        if found[name] != files[name]:
            raise BackupError(f"the backup is broken: {name} was changed")


def _digest(path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _hex(text: str) -> str:
    if len(bytes.fromhex(text)) * 2 != _HASH_CHARS:
        raise ValueError(text)
    return text
