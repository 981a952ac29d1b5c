"""Takes new events into the tree and signs it: tiles first, then the anchor, then the checkpoint.

Whatever ends it in between, no checkpoint is signed that the tiles cannot prove, and the next one
goes on from the anchor. Tiles beyond the anchor are of no tree yet and may be written again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ledger.crypto.notes import SignedNote, Signer, signed_note
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Frontier
from ledger.merkle.hashes import HASH_BYTES
from ledger.merkle.tiled_tree import Growth, TiledTree
from ledger.merkle.tiles import TILE_WIDTH, tile_at, tiles_between
from projections.log.anchor import Anchor
from projections.log.errors import (
    AnchorLostError,
    AnchorMovedError,
    BehindCheckpointError,
    BrokenAnchorError,
    BrokenTreeError,
    NotStartedError,
    OtherHistoryError,
)
from projections.log.folder import TileFolder

LEAVES_MAX: Final = 100 * TILE_WIDTH
"""Leaves between two flushes of the folder: a few megabytes at a time."""


@dataclass(frozen=True, slots=True)
class SignedState:
    """What was signed last.

    Attributes:
        note: as it stands in the anchor; None while the log begins.
    """

    note: str | None
    checkpoint: Checkpoint


@dataclass(slots=True)
class Integrator:
    """The one that signs.

    Attributes:
        folder, anchor, signer: where the tree lies, where the last checkpoint is kept, who signs.
            The log's name (its origin) is the name of the signer's key.
        head: how many events the ledger has.
        leaves: (begin, end) → leaf hashes of the events after position `begin` up to `end`.
    """

    folder: TileFolder
    anchor: Anchor
    signer: Signer
    head: Callable[[], int]
    leaves: Callable[[int, int], Iterable[bytes]]
    _state: SignedState | None = field(default=None, init=False)
    _growth: Growth | None = field(default=None, init=False)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signer.verifier.name

    def begin(self) -> Checkpoint:
        """Sign for the first time; a person says so, for a restored ledger looks like a new one.

        An empty ledger gets a checkpoint too: that nothing was there is worth a signature.

        Raises:
            AnchorMovedError: it was begun before.
            AnchorLostError: a checkpoint is published, so it was begun before.
        """
        if self.anchor.read() is not None:
            raise AnchorMovedError
        if self.folder.checkpoint() is not None:
            raise AnchorLostError
        return self._first(None)

    def follow(self, ended: str) -> Checkpoint:
        """Sign for the first time, where the log of an earlier epoch ended; a person says so.

        Args:
            ended: the last checkpoint of that one, as it stands in the anchor.

        Raises:
            AnchorMovedError: there stands another one.
            AnchorLostError: a checkpoint of this epoch is published, so it was begun before.
        """
        if self.anchor.read() != ended:
            raise AnchorMovedError
        if self.folder.checkpoint() is not None:
            raise AnchorLostError
        return self._first(ended)

    def _first(self, note: str | None) -> Checkpoint:
        empty = Checkpoint(self.origin, 0, TiledTree(0, self.folder.read).root())
        growth = Growth(0, self.folder.read)
        self._grow(growth, 0, self.head())
        return self._signed(SignedState(note, empty), growth).checkpoint

    def root(self, size: int) -> bytes:
        """Root over the first `size` events, whatever the tiles hold; it reads them all."""
        frontier, leaves = Frontier(), iter(self.leaves(0, size))
        while part := tuple(islice(leaves, LEAVES_MAX)):
            frontier = frontier.appended(part)
        return frontier.root()

    def step(self) -> Checkpoint:
        """Take in what is new and sign; the checkpoint that stands then.

        Raises:
            NotBegunError: see there; `begin` is another step.
            BehindCheckpointError, OtherHistoryError: the ledger is not the one that was signed.
            AnchorMovedError, AnchorLostError: another one signs; the anchor is gone.
            BrokenAnchorError: it holds nothing that this key signed.
            BrokenTreeError, MissingTileError: the tiles are not the tree that was signed.
            StoreUnavailableError: the database cannot be reached.
            OSError: a file cannot be written; what was signed stands, and is published next time.
        """
        growth, state = self._growth, self._state
        # Only what went well to the end is remembered: after anything else all is read anew.
        self._growth = self._state = None
        # Asked before a tile is written: what another one signed meanwhile is not written over.
        note = self.anchor.read()
        if growth is None or state is None or state.note != note:
            state = self._opened(note)
            growth = Growth(state.checkpoint.size, self.folder.read)
        size, head = state.checkpoint.size, self.head()
        self._check(state.checkpoint, head)
        if head > size:
            self._grow(growth, size, head)
            state = self._signed(state, growth)
            self._tidy(size, head)
        self._growth, self._state = growth, state
        return state.checkpoint

    def _opened(self, content: str | None) -> SignedState:
        """What was signed last, published if it was not, its tree whole."""
        published = self.folder.checkpoint()
        if content is None:
            raise NotStartedError if published is None else AnchorLostError
        checkpoint = self.read(content)
        try:
            root = TiledTree(checkpoint.size, self.folder.read).root()
        except CorruptRecordError as error:
            raise BrokenTreeError(str(error)) from None
        if root != checkpoint.root:
            raise BrokenTreeError(
                "the tiles do not make the tree that was signed: ledger log check names where"
            )
        if published != content:
            self.folder.publish(content)
        return SignedState(content, checkpoint)

    def read(self, content: str) -> Checkpoint:
        """The checkpoint of the anchor.

        Raises:
            BrokenAnchorError: see there.
        """
        try:
            note = SignedNote.read(content)
            note.verified([self.signer.verifier])
            checkpoint = Checkpoint.read(note.text)
        except CorruptRecordError:
            raise BrokenAnchorError from None
        if checkpoint.origin != self.origin:
            raise BrokenAnchorError
        return checkpoint

    def _check(self, signed: Checkpoint, head: int) -> None:
        """The ledger begins with the tree that was signed.

        The last leaf is enough: a ledger that was restored and went on has other events from some
        position on, up to the last one. Whoever changed one event alone is found by `event_check`.
        """
        size = signed.size
        if head < size:
            raise BehindCheckpointError(head, size)
        if size:
            tile = tile_at(0, (size - 1) // TILE_WIDTH, size)
            last = b"" if tile is None else self.folder.read(tile)[-HASH_BYTES:]
            if tuple(self.leaves(size - 1, size)) != (last,):
                raise OtherHistoryError(size)

    def _grow(self, growth: Growth, size: int, head: int) -> None:
        leaves = iter(self.leaves(size, head))
        while part := tuple(islice(leaves, LEAVES_MAX)):
            self.folder.write(growth.appended(part))
        if growth.size != head:
            raise BrokenTreeError("the ledger handed out another number of events than asked for")
        self.folder.write(growth.edge())

    def _signed(self, state: SignedState, growth: Growth) -> SignedState:
        checkpoint = Checkpoint(self.origin, growth.size, growth.root())
        note = signed_note(checkpoint.text, [self.signer]).full_text
        self.anchor.swap(state.note, note)
        self.folder.publish(note)
        return SignedState(note, checkpoint)

    def _tidy(self, size: int, head: int) -> None:
        for tile in tiles_between(size, head):
            if tile.width == TILE_WIDTH:
                self.folder.forget_partial(tile)
