"""Programs of others that check our log; what is missing is named, and the tests fail."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

GOPATH: Final = "LEDGER_TEST_GOPATH"
"""Names the folder below whose `src` the two Go libraries lie; unset: where Debian puts them."""
_DEBIANS: Final = "/usr/share/gocode"
_LIBRARIES: Final = ("golang.org/x/mod/sumdb/tlog", "github.com/transparency-dev/merkle/proof")
_DEBIAN: Final = (
    "on Debian, apt-get install golang-go golang-golang-x-mod-dev"
    " golang-github-transparency-dev-merkle-dev sigsum-go (./dev test does so as root)"
)
_HOW: Final = {
    "go": f"{_DEBIAN}; on macOS, brew install go",
    "sigsum-witness": f"{_DEBIAN}; elsewhere, go install sigsum.org/sigsum-go/cmd/sigsum-witness@"
    "v0.11.2, and put it on the PATH",
    "openssl": "on Debian, apt-get install openssl; on macOS it is there",
}


class NoSecondOpinionError(Exception):
    """A program that checks us is not installed; its tests cannot run, so they fail."""


def program(name: str) -> str:
    """Where it is.

    Raises:
        NoSecondOpinionError: says how to get it.
    """
    if (found := shutil.which(name)) is None:
        raise NoSecondOpinionError(f"the tests of the log need {name}: {_HOW[name]}")
    return found


def gopath() -> str:
    """The folder of the Go libraries.

    Raises:
        NoSecondOpinionError: says how to get them.
    """
    named = os.environ.get(GOPATH) or _DEBIANS
    for library in _LIBRARIES:
        if not (Path(named) / "src" / library).is_dir():
            raise NoSecondOpinionError(
                f"the tests of the log need the Go package {library} below {named}/src: {_DEBIAN}."
                " No other system packages it: put the sources of golang.org/x/mod and"
                " github.com/transparency-dev/merkle below some folder's src and name that folder"
                f" in {GOPATH}"
            )
    return named


def built(source: Path, to: Path, cache: Path) -> Path:
    """The Go program of a folder, built without a network and without anybody's Go settings.

    Args:
        cache: keeps what was compiled, the library of Go above all, for the next run.
    """
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(to),
        "GO111MODULE": "off",
        "GOPATH": gopath(),
        "GOCACHE": str(cache),
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    made = to / source.name
    done = subprocess.run(
        [program("go"), "build", "-o", made, "."],
        cwd=source,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made
