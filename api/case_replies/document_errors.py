"""What documents refuse, as the endpoints answer it."""

from collections.abc import Generator
from contextlib import contextmanager

from api import documents
from api.problems.refusals import RenderingUnavailableError, UnprintableError
from ledger.errors import Defect


@contextmanager
def answered() -> Generator[None]:
    """Raise refusals of the tree in place of those of the documents.

    Raises:
        UnprintableError: names each place and its characters, by their code points.
        RenderingUnavailableError: the process ended or took too long.
    """
    try:
        yield
    except documents.UnprintableTextError as error:
        raise UnprintableError(
            len(error.places),
            tuple(
                Defect(place, "GLYPH_MISSING", " ".join(map(_points, found)))
                for place, found in error.places.items()
            ),
        ) from None
    except documents.RenderingStoppedError:
        raise RenderingUnavailableError from None


def _points(cluster: str) -> str:
    """The code points of a character with its selector: U+9089+E0110."""
    return "U+" + "+".join(f"{ord(one):04X}" for one in cluster)
