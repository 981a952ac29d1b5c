"""One step of the integrator in a process of its own: `python -m tests.log.one_step FOLDER`.

It is what `tests.log.signing` signs, and nothing else, so that another process can spoil one call
of the system after another. The folder that is looked for first marks where the step begins.
"""

import sys
from pathlib import Path

from tests.log.signing import Place, leaf

MARK = "/the-step-begins-here"
SIGNED = 250
WHOLE = 550


def place_of(folder: Path) -> Place:
    """Signed up to `SIGNED` once `begin` ran, and grown to `WHOLE`."""
    return Place(folder, [leaf(n) for n in range(WHOLE)])


def begin(folder: Path) -> None:
    """Sign the first events."""
    place = place_of(folder)
    del place.events[SIGNED:]
    place.integrator().step()


def main() -> None:
    integrator = place_of(Path(sys.argv[1])).unbegun()
    Path(MARK).exists()
    integrator.step()


if __name__ == "__main__":
    main()
