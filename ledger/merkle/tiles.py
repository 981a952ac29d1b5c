"""Tiles: where the hashes of a tree lie, and under which names.

Hash i of tile (level, index) is the root of the full subtree of 256^level leaves that begins at
leaf (index · 256 + i) · 256^level. A full tile has 256 hashes and never changes; at the right edge
stands at most one partial tile a level, named by its width. An empty tile is none.

Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

TILE_WIDTH: Final = 256
"""Hashes in a full tile."""
TILE_BITS: Final = 8
LEVEL_MAX: Final = 63
_GROUP: Final = 1000
_NAME_MAX: Final = 60
"""Characters: an index of 2^63 has 31 with its groups."""
_NAME: Final = re.compile(
    r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile.

    Attributes:
        level: 0 for hashes of leaves, to 63.
        index: how many full tiles of its level stand left of it.
        width: hashes in it, 1 to 256.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.level <= LEVEL_MAX and self.index >= 0 and 1 <= self.width <= TILE_WIDTH):
            raise ValueError("there is no such tile")

    @property
    def name(self) -> str:
        """Its path below the log's prefix, e.g. `tile/0/x001/x234/067.p/8`."""
        groups, quotient = [f"{self.index % _GROUP:03}"], self.index // _GROUP
        while quotient:
            groups.append(f"x{quotient % _GROUP:03}")
            quotient //= _GROUP
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(reversed(groups))}{partial}"

    @classmethod
    def named(cls, name: str) -> "Tile | None":
        """The tile of that name; None when no tile has it (a name has one spelling only)."""
        found = _NAME.fullmatch(name) if len(name) <= _NAME_MAX else None
        if found is None:
            return None
        level, groups, width = found.groups()
        index = int(groups.replace("x", "").replace("/", ""))
        if int(level) > LEVEL_MAX or (width is not None and int(width) >= TILE_WIDTH):
            return None
        tile = cls(int(level), index, TILE_WIDTH if width is None else int(width))
        return tile if tile.name == name else None


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles that a tree of `new_size` leaves has and one of `old_size` has not.

    Level by level from the leaves, left to right.
    """
    for level in range(LEVEL_MAX + 1):
        old, new = old_size >> (TILE_BITS * level), new_size >> (TILE_BITS * level)
        if not new:
            return
        yield from (Tile(level, n) for n in range(old // TILE_WIDTH, new // TILE_WIDTH))
        if new % TILE_WIDTH and new != old:
            yield Tile(level, new // TILE_WIDTH, new % TILE_WIDTH)


def tile_at(level: int, index: int, size: int) -> Tile | None:
    """The tile at that place as a tree of `size` leaves has it; None where it has none."""
    width = min((size >> (TILE_BITS * level)) - index * TILE_WIDTH, TILE_WIDTH)
    return Tile(level, index, width) if width > 0 else None
