"""名寄せ: the forms of the page on which links are made and taken away, read; and their words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.web.pages.form_values import by_field, number_of, wrong
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.errors import Defect
from ledger.format.events import IdentifiersLinked
from ledger.persons.stored_links import Link
from ledger.policies.identifiers import IDENTIFIES_NOBODY, identifies
from ledger.values import PrincipalRef

LABELS: Final[Mapping[str, str]] = {
    "look_id": "識別子で名寄せを調べる",
    "id_a": "一つ目の識別子",
    "id_b": "二つ目の識別子",
    "evidence": "同じ方とする根拠",
    "unlink_evidence": "別の方とする根拠",
}
"""Field of the page → what it is called there."""
ENDS: Final = (
    ("scheme_a", "id_a"),
    ("scheme_b", "id_b"),
    ("a_scheme", "a_id"),
    ("b_scheme", "b_id"),
)
"""Fields of the two identifiers: of the form that links them, then of the one of a line."""
MESSAGES: Final[Mapping[str, str]] = {
    "ALREADY_STANDS": "この二つの識別子は、すでに名寄せされています。",
    "DOES_NOT_STAND": "この二つの識別子は、直接には名寄せされていません。"
    "すでに解除された可能性があります。",
    "PRECONDITION_FAILED": "この画面を開いた後に、この名寄せが変更されています。"
    "変更の後の根拠を確かめてから、もう一度操作してください。",
}
"""Code of a refusal → its words on this page."""
UNSEEN: Final = (
    "この二つの識別子には、入力した画面に表示されていなかった名寄せの経過があります。"
    "名寄せは登録していません。経過と根拠を確かめてから、もう一度操作してください。"
)
"""Why no link is made over what was done to the pair."""

CONFLICT: Final = "overtaken"
"""The hidden field of a form whose page told that a colleague had changed the pair."""

_SAME: Final = "一つ目と同じ識別子です。異なる識別子を入力してください。"
_NO_KIND: Final = "種類を選んでください。"
NOBODY: Final = "文字も数字もない識別子です。"
_NO_DIGITS: Final = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link, as it is shown.

    Attributes:
        history: (what was done, when, by which actor, on what evidence), oldest first.
        key: names its form on the page.
        pair: the key of the pair.
    """

    link: Link
    key: str
    pair: bytes
    history: tuple[tuple[str, object, str, str], ...]

    @property
    def mark(self) -> str:
        """The pair, by letters that tell nothing of it, and the version that is shown."""
        return f"{_letters(self.pair)}.{self.link.version}"


def row(link: Link, number: int, pair: bytes) -> LinkRow:
    """The link as it is shown; `number`: its place in the list, from 1; `pair`: its key."""
    history = tuple(
        (
            "名寄せ" if isinstance(one.event, IdentifiersLinked) else "解除",
            one.at,
            one.actor,
            one.event.evidence,
        )
        for one in link.facts
    )
    return LinkRow(link, str(number), pair, history)


def linking(form: Form) -> dict[str, object]:
    """The body of `POST /v1/links`, as the form states it."""
    return _body(form, ("scheme_a", "id_a"), ("scheme_b", "id_b"), "evidence")


def unlinking(form: Form) -> dict[str, object]:
    """The body of `POST /v1/unlinks`, as the form of a line states it."""
    return _body(form, ("a_scheme", "a_id"), ("b_scheme", "b_id"), "unlink_evidence")


def line_version(form: Form) -> int:
    """The version of the link that the line was made of; -1, which none has, without it."""
    return _version(form.text("seen"))


def pair_version(form: Form, pair: bytes) -> int:
    """The version of the pair that the form of a new link showed; 0: nothing of it."""
    named = (one.rpartition(".") for one in form.texts("seen"))
    found = (_version(version) for letters, _, version in named if letters == _letters(pair))
    return next(found, 0)


def is_of(form: Form, link: Link) -> bool:
    """Whether the form of a line is about this link."""
    named = {(form.text("a_scheme"), form.text("a_id")), (form.text("b_scheme"), form.text("b_id"))}
    return named == {(one.scheme, one.id) for one in (link.a, link.b)}


def read_identifier(form: Form) -> PrincipalRef:
    """The identifier whose links are asked for."""
    return PrincipalRef(form.text("look_scheme"), form.text("look_id"))


def besides(form: Form) -> tuple[PrincipalRef, ...]:
    """The identifier that a form was shown with besides those of the request, if there was one."""
    identifier = read_identifier(form)
    return (identifier,) if identifier.scheme and identifies(identifier.id) else ()


def ends(form: Form) -> tuple[PrincipalRef, ...]:
    """Both identifiers of the form that links two, or that takes a link away."""
    found = (PrincipalRef(form.text(scheme), form.text(name)) for scheme, name in ENDS)
    return tuple(one for one in found if one.scheme and identifies(one.id))


def identifiers_of(state: State) -> tuple[PrincipalRef, ...]:
    """Every identifier that the case names: of its form, of the person, and those searched for."""
    identification = state.search or state.person
    named = () if identification is None else (*identification.identifiers, *identification.tried)
    every = (*state.application.identifiers, *named)
    return tuple(
        dict.fromkeys(PrincipalRef(one.scheme, one.id) for one in every if identifies(one.id))
    )


def search_defects(form: Form) -> dict[str, str]:
    """What is wrong with the identifier whose links are asked for, before the endpoint is asked."""
    return _identifier_defects(form, ("look_scheme", "look_id"))


def linking_defects(form: Form) -> dict[str, str]:
    """What is wrong with the form of a new link, before the endpoint is asked."""
    found = _identifier_defects(form, ("scheme_a", "id_a"))
    found |= _identifier_defects(form, ("scheme_b", "id_b"))
    return found if form.text("evidence") else found | {"evidence": wrong("")}


def describe_defects(defects: Iterable[Defect], form: Form) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    codes = {"SAME_IDENTIFIER": _SAME, IDENTIFIES_NOBODY: NOBODY}
    return by_field(
        defects,
        LABELS,
        _PLACES,
        otherwise="evidence",
        codes=codes,
        words=lambda name: wrong(form.text(name)),
    )


_PLACES: Final = {
    "SAME_IDENTIFIER": "id_b",
    "a": "id_a",
    "b": "id_b",
    "scheme": "look_id",
    "id": "look_id",
}


def _version(text: str) -> int:
    found = number_of(text)
    return -1 if found is None else found


def _letters(pair: bytes) -> str:
    """The key of a pair, with no digit in it that could be read as somebody's number."""
    return pair.hex().translate(_NO_DIGITS)


def _body(form: Form, a: tuple[str, str], b: tuple[str, str], evidence: str) -> dict[str, object]:
    ends = ({"scheme": form.text(scheme), "id": form.text(name)} for scheme, name in (a, b))
    return {**dict(zip(("a", "b"), ends, strict=True)), "evidence": form.text(evidence)}


def _identifier_defects(form: Form, fields: tuple[str, str]) -> dict[str, str]:
    scheme, name = fields
    if not form.text(name):
        return {name: wrong("")}
    if not form.text(scheme):
        return {name: _NO_KIND}
    return {} if identifies(form.text(name)) else {name: NOBODY}
