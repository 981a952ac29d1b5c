"""What an attacker types: texts that try to be something else, and how one sees that they were.

Nobody types these by accident, and none of them may ever be more than the text that it is.
"""

from collections.abc import Mapping
from typing import Final

from tests.attacks.reading import Page

SUM: Final = "{{7*1910357}}"
"""What a template would make `SUMMED` of."""
SUMMED: Final = "13372499"
PLANTED: Final = "cnry-planted"
MIXED: Final = f"'\"><{PLANTED} onload=x>{SUM}</textarea>"
"""Leaves an attribute of either quotation, an element, a text area; most fields take it."""

TEXTS: Final[Mapping[str, str]] = {
    "elements": f"<script>alert(1)</script><img src=x onerror=alert(1)><{PLANTED}>",
    "an end of the page": f"--></title></select></textarea></svg></script><{PLANTED}>",
    "attributes": f"x\" autofocus {PLANTED}=\"' onfocus='alert(1)` onfocus=alert(1)",
    "an address of a script": "javascript:alert(1)",
    "a request of a script": f'<{PLANTED} hx-post="/sign-out" hx-trigger="load">',
    "templates": f"{SUM}{{% raw %}}${{7*1910357}}<%= 7*1910357 %>{{{{ config.__class__ }}}}",
    "the typesetter and a query": '#panic("x") #read("/etc/passwd") \'; DROP TABLE x; --',
    "a formula": '=HYPERLINK("http://a.example","b")',
    "a tab and a return": "\t=1+1\r+2",
    "lines": "一行目\r\n二行目\nSet-Cookie: ledger-sid=x",
    "a text that is turned around": "甲\u202e乙\u2066丙",
    "nothing to see": "\u200b\u2060\ufeff\u00ad",
    "a zero and other controls": "甲\x00乙\x1b[31m\x07\x9b丙",
    "entities": "&lt;b&gt;&#60;b&#62;&amp;",
    "variants of a character": "渡邉\U000e010f辻\U000e0101\U000e0102葛\ufe00",
    "private characters": "\ue000\U000f0000\U0010ffff",
    "ten thousand characters": "寿限無" * 3_333 + "x",
    "digits of others": "１２٣४",
    "a number without end": "9" * 400,
    "a path": "../../../../etc/passwd\\..\\%2e%2e%2f",
}
"""What is typed into all fields of a form at once."""

RAW: Final[Mapping[str, bytes]] = {
    "half of a pair": b"%ED%A0%80",
    "both halves, each for itself": b"%ED%A0%BD%ED%B8%80",
    "too many bytes for one": b"%C0%BC%E0%80%BC",
    "a byte that begins nothing": b"%FF%FE",
    "an end too soon": b"%E7%A5",
    "no code at all": b"%zz%",
}
"""What no text can be, as it stands in the body of a form."""


def planted(page: Page) -> list[str]:
    """What stands on a page that must not: as a browser would see it, for a person to read."""
    found: list[str] = []
    for tag, told in page.tags:
        if tag == PLANTED or (tag == "img" and told.get("src") == "x"):
            found.append(f"an element <{tag}>")
        if tag == "script" and ("src" not in told or not told.get("nonce")):
            found.append("a script of somebody else's")
        found += [
            f"an attribute {name} of <{tag}>"
            for name in told
            if name == PLANTED or (name.startswith("on") and name != "on")
        ]
        found += [
            f"{name}={told[name][:40]} of <{tag}>"
            for name in ("href", "src", "action", "formaction", "hx-post", "hx-get")
            if name in told and not told[name].startswith(("/", "#", "http"))
        ]
    if SUMMED in page.words or any(SUMMED in one for _, told in page.tags for one in told.values()):
        found.append("a template that was worked out")
    return found
