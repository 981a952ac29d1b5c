"""Records carried forward, read: a dead original takes what its living copies carry.

A copy stands at its original's position for every "as of", also one before the copy. Living copies
of one original add up; an original that lives needs none of them.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from ledger.errors import CorruptRecordError
from ledger.format.copies import verify_copy
from ledger.format.envelope import CopyContent, Header, OpenEvent, SealedContent
from ledger.format.events import RecordCarriedForward
from ledger.merkle.partial import joined

COPY = RecordCarriedForward.TYPE


def is_expired(event: OpenEvent) -> bool:
    """Whether the event had a sealed part that does not open any more."""
    return event.content is None and event.header.sealed_key is not None


def with_copies(
    originals: Sequence[OpenEvent], copies: Sequence[OpenEvent], up_to: int | None
) -> list[OpenEvent]:
    """The events up to a position, in position order; the dead ones as their copies say.

    Args:
        originals: all events of some streams that are no copies, up to `upto` (None: all).
        copies: all copies of those streams, also beyond `upto`; without content when dead.

    Raises:
        CorruptRecordError: a copy is not of the original that it names, or two do not agree.
    """
    places = {event.position: n for n, event in enumerate(originals)}
    live_copies: dict[int, list[OpenEvent]] = {}
    for copy in copies:
        position = original_of(copy.header)
        n = places.get(position)
        if n is None:
            if up_to is None or copy.position <= up_to:
                raise CorruptRecordError("the copy names no event of its stream", copy.position)
        elif copy.content is not None and originals[n].content is None:
            live_copies.setdefault(n, []).append(copy)
    events = list(originals)
    for n, found in live_copies.items():
        events[n] = replace(events[n], content=_added_up(events[n].header, found))
    events += [copy for copy in copies if up_to is None or copy.position <= up_to]
    return sorted(events, key=attrgetter("position"))


def original_of(header: Header) -> int:
    """Position of the event that a copy copies."""
    assert header.copies is not None, "the codec refuses a copy that names no original"
    return header.copies.position


def check_copies(copies: Sequence[OpenEvent], originals: Mapping[int, Header]) -> None:
    """Check that living copies open what their originals committed to.

    Args:
        originals: position → header of the event that stands there.

    Raises:
        CorruptRecordError: one does not.
    """
    for copy in copies:
        original = originals.get(original_of(copy.header))
        if original is None:
            raise CorruptRecordError("the copy names no event of its stream", copy.position)
        _verified(copy, original)


def _added_up(original: Header, copies: Sequence[OpenEvent]) -> SealedContent:
    """What the living copies of one original carry together."""
    first, *others = [_verified(copy, original) for copy in copies]
    for position, other in zip([copy.position for copy in copies[1:]], others, strict=True):
        # Their statements and lines are the original's; these two it did not commit to.
        if (other.record, other.fingerprint) != (first.record, first.fingerprint):
            raise CorruptRecordError("two copies of one original do not agree", position)
    whole = first
    if others and original.lines_root is not None:
        trees = [([j for j, _, _ in one.lines], one.nodes) for one in (first, *others)]
        lines = {line[0]: line for one in (first, *others) for line in one.lines}
        nodes = joined(original.lines_count, trees)
        whole = replace(first, lines=tuple(lines[j] for j in sorted(lines)), nodes=tuple(nodes))
    carried = tuple(line for _, _, line in whole.lines)
    return SealedContent(
        whole.record, whole.statement, carried, None, whole.fingerprint, copy=whole
    )


def _verified(copy: OpenEvent, original: Header) -> CopyContent:
    assert copy.content is not None, "only a living copy is read"
    content = copy.content.copy
    assert content is not None, "the codec opens a copy as one"
    try:
        verify_copy(content, copy.header, original)
    except CorruptRecordError as error:
        raise CorruptRecordError(str(error), copy.position) from None
    return content
