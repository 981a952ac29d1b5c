"""What became of a story."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tests.acceptance.through_http.answered import Reply
from tests.acceptance.through_http.desk import File

_SHOWN = frozenset({"record", "rename", "correct"})


@dataclass(slots=True)
class Told:
    """What became of a story, with the names of `expect`.

    Attributes:
        flags: (case, instant or `end`) → its flags then.
        files: case → what the desk has of it.
        refusals: instant of each decision that was refused, and pointer → code of its errors.
        held: keys of the records that are there at the end; exceptions: those of them that stand
            and are not lawful.
        words: texts that its records and names hold, by which what a letter shows is told apart
            from what it says itself.
    """

    files: dict[str, File]
    flags: dict[tuple[str, str], list[str]]
    purges: list[dict[str, Any]]
    dispatches: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    held: list[str]
    exceptions: list[str]
    words: str

    @property
    def replies(self) -> list[Reply]:
        return [reply for file in self.files.values() for reply in file.replies]


def words_of(steps: Sequence[Mapping[str, Any]]) -> str:
    """The texts of all records and names, a line each."""
    return "\n".join(_texts([one for one in steps if one["do"] in _SHOWN]))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in cast("Mapping[str, object]", value).values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _texts(one)
