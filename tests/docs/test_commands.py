"""Commands in the pages exist, with the options that they are shown with."""

import importlib.util
import re
import shlex
from collections.abc import Iterable
from typing import cast

import pytest
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from api.cli import app
from tests.docs.markdown import ROOT, Fence, fences, named, pages, prose
from tests.matrix import every

_SPAN = re.compile(r"`([^`\n]+)`")


def _commands() -> set[str]:
    """What `./dev` takes, from the script itself."""
    text = (ROOT / "dev").read_text("utf-8")
    return set(re.findall(r"^([a-z]+)\)", text, re.MULTILINE))


def _lines(fence: Fence) -> Iterable[str]:
    """The commands of a block: continued lines joined, without input and comments."""
    text = re.sub(r"<<'END'\n.*?^END$", "", fence.text, flags=re.DOTALL | re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("./dev"):
            yield re.sub(r"\s#\s.*", "", line)


SHOWN = [(fence.label, line) for fence in fences("sh") for line in _lines(fence)]
SPANS = sorted(
    {
        (named(page), span)
        for page in pages()
        for span in _SPAN.findall(prose(page))
        if span.startswith(("./dev ", "ledger "))
    }
)


@every("place, line", SHOWN)
def test_a_command_in_a_block_would_be_taken_as_it_stands(place: str, line: str) -> None:
    _check(shlex.split(line), place, whole=True)


@every("place, span", SPANS)
def test_a_command_in_a_sentence_exists(place: str, span: str) -> None:
    _check(shlex.split(span), place, whole=False)


@pytest.mark.parametrize(
    "line",
    ["./dev tset", "./dev ledger serv", "./dev ledger keys create --source x", "./dev ledger"],
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        _check(shlex.split(line), "a test", whole=True)


def _check(words: list[str], place: str, *, whole: bool) -> None:
    if words[0] == "./dev":
        words = words[1:]
        assert words, f"{place}: ./dev needs a command"
        assert words[0] in _commands(), f"{place}: ./dev has no {words[0]}"
        match words:
            case ["python", "-m", module, *_]:
                assert importlib.util.find_spec(module), f"{place}: there is no {module}"
            case ["test", *paths]:
                missing = [p for p in paths if p[0] != "-" and not (ROOT / p).exists()]
                assert not missing, f"{place}: there is no {missing}"
            case ["demo" | "ledger", *_]:
                _check_ledger(words if words[0] == "demo" else words[1:], place, whole=whole)
            case ["sbom", file]:
                assert file, f"{place}: it writes a file"
            case _:
                assert len(words) == 1, f"{place}: ./dev {words[0]} takes nothing more"
    else:
        _check_ledger(words[1:], place, whole=whole)


def _check_ledger(words: list[str], place: str, *, whole: bool) -> None:
    command = cast("TyperCommand | TyperGroup", typer.main.get_command(app))
    while isinstance(command, TyperGroup) and words:
        known = command.get_command(command.context_class(command), words[0])
        assert known, f"{place}: there is no command {words[0]}"
        command, words = cast("TyperCommand | TyperGroup", known), words[1:]
    options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
    given: set[str] = set()
    free = 0
    while words:
        word, words = words[0], words[1:]
        if not word.startswith("-"):
            free += word != "…"
            continue
        assert word in options, f"{place}: {command.name} has no {word}"
        given.add(word)
        option = options[word]
        if isinstance(option, TyperOption) and not option.is_flag:
            assert words, f"{place}: {word} needs a value"
            words = words[1:]
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    assert free <= len(arguments), f"{place}: {command.name} takes {len(arguments)} arguments"
    if whole:
        assert not isinstance(command, TyperGroup), f"{place}: {command.name} is not a command"
        required = [
            one
            for one in command.params
            if isinstance(one, TyperOption) and one.required and given.isdisjoint(one.opts)
        ]
        assert not required, f"{place}: {command.name} also needs {required[0].opts[0]}"
        needed = sum(one.required for one in arguments)
        assert free >= needed, f"{place}: {command.name} needs {needed} arguments"
