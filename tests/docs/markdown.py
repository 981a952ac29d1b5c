"""Reads and writes the little Markdown that our pages use."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The repository."""

DOCS = ROOT / "docs"
_REGION = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>[a-z]*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code in a page.

    Attributes:
        mark: the comment on the line above, empty without one.
    """

    page: Path
    language: str
    mark: str
    text: str

    @property
    def label(self) -> str:
        """For people: the page and the first line."""
        return f"{named(self.page)}: {self.text.partition(chr(10))[0]}"


def pages() -> list[Path]:
    """Every page of the repository."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def named(page: Path) -> str:
    """The page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def fences(*languages: str) -> list[Fence]:
    """The blocks of code of every page in one of `languages`, in order."""
    return [fence for page in pages() for fence in fences_of(page) if fence.language in languages]


def fences_of(page: Path) -> Iterator[Fence]:
    """The blocks of code of one page."""
    for found in _FENCE.finditer(page.read_text("utf-8")):
        yield Fence(page, found["language"], found["mark"] or "", found["text"])


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", page.read_text("utf-8"))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells must not hold line ends."""
    lines = [_row(heads), "|" + "---|" * len(heads), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def code(names: Iterable[str]) -> str:
    """Names as code, one after another."""
    return " ".join(f"`{name}`" for name in names)


def filled(page: Path, regions: Mapping[str, str]) -> str:
    """The text of the page with every generated region written anew.

    Raises:
        KeyError: the page has a region that nobody generates.
    """
    return _REGION.sub(
        lambda found: f"{found[1]}{regions[found['name']]}{found[3]}", page.read_text("utf-8")
    )


def regions_in(page: Path) -> list[str]:
    """The names of the generated regions of a page."""
    return [found["name"] for found in _REGION.finditer(page.read_text("utf-8"))]
