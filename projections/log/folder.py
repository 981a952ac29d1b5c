"""Tiles and the published checkpoint as files: what a web server can hand out as it lies.

```
<folder>/
    checkpoint                 the newest signed checkpoint
    tile/0/x001/x234/067       full tiles, for ever
    tile/0/x001/x234/068.p/17  partial ones, until the full one is published
    cosigned, cosignatures/    what witnesses cosigned: `projections.log.cosignatures`
```

A file has its name only when it is whole and on the disk. Hashes tell nothing of anybody, so all
may read them.

Source: C2SP tlog-tiles.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ledger.crypto.files import sync_folder
from ledger.merkle.hashes import HASH_BYTES
from ledger.merkle.tiles import TILE_WIDTH, Tile
from projections.log.errors import MissingTileError

CHECKPOINT: Final = "checkpoint"
_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755


class TileFolder:
    """The files of one log.

    Args:
        path: the folder; it is made when first written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, tile: Tile) -> bytes:
        """The tile's content.

        A partial tile may be gone when the full one is there: its beginning is the same.

        Raises:
            MissingTileError: it is not there.
            OSError: it cannot be read.
        """
        found = self._content(tile.name)
        if found is None and tile.width < TILE_WIDTH:
            full = self._content(Tile(tile.level, tile.index).name)
            found = None if full is None else full[: tile.width * HASH_BYTES]
        if found is None:
            raise MissingTileError(tile.name)
        return found

    def write(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Put tiles down; they are on the disk when it returns.

        What has such a name is replaced: it was written for a tree that was never signed.

        Raises:
            OSError: the folder cannot be written.
        """
        touched: set[Path] = set()
        for tile, content in tiles:
            file = self.path / tile.name
            if file.parent not in touched:
                touched |= self._make_folder(file.parent)
            _put(file, content)
        for folder in sorted(touched, key=lambda one: len(one.parts), reverse=True):
            sync_folder(folder)

    def checkpoint(self) -> str | None:
        """The published note; None: none was published."""
        return self.note(CHECKPOINT)

    def publish(self, note: str) -> None:
        """Let `note` be the newest checkpoint; it is on the disk when it returns.

        Raises:
            OSError: the folder cannot be written.
        """
        self.put(CHECKPOINT, note.encode())

    def note(self, name: str) -> str | None:
        """The text of the file of that name below the folder; None: there is none.

        Bytes that are no text are no note either: whoever reads it says so.
        """
        found = self.file(name)
        return None if found is None else found.decode("utf-8", "replace")

    def file(self, name: str) -> bytes | None:
        """The content of the file of that name below the folder; None: there is none."""
        return self._content(name)

    def put(self, name: str, content: bytes) -> None:
        """Let the file of that name hold `content`; it is on the disk when it returns.

        Raises:
            OSError: the folder cannot be written.
        """
        file = self.path / name
        touched = self._make_folder(file.parent)
        _put(file, content)
        for folder in sorted(touched, key=lambda one: len(one.parts), reverse=True):
            sync_folder(folder)

    def forget_partial(self, tile: Tile) -> None:
        """Remove the partial tiles at the place of `tile`, which is full and published."""
        partial = (self.path / tile.name).with_name(f"{Path(tile.name).name}.p")
        shutil.rmtree(partial, ignore_errors=True)

    def _content(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _make_folder(self, folder: Path) -> set[Path]:
        """Make `folder`; it and every folder that now has another name in it."""
        touched = {folder}
        while not folder.is_dir():
            folder = folder.parent
            touched.add(folder)
        for missing in sorted(touched - {folder}, key=lambda one: len(one.parts)):
            missing.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        return touched


def _put(file: Path, content: bytes) -> None:
    """The name shows the old content or the new one, never a part."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(handle)
    partial.replace(file)
