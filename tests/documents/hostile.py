"""Strings that try to be something else than text."""

PRINTED = {
    "a function of the typesetter": "#panic()",
    "an evaluation": '#eval("1+1")',
    "a file": '#read("/etc/passwd")',
    "a package": '#import "@preview/cetz:0.4.2"',
    "the end of a content block": "] #[x",
    "the end of a function": ')}#let x = "y"',
    "mathematics": "$sum_(i=0)^n i$",
    "emphasis": "*太* _斜_ `code`",
    "a label and a reference": "<a> @a",
    "a comment": "// none /* none */",
    "a heading": "= 見出し",
    "a list": "- 一つ",
    "an escape of markup": r"\u{41} \# \\",
    "an escape of JSON": r"\n\" }, {",
    "quotation marks": "\"二重\" 'single'",
    "markup of the web": "<script>alert(1)</script>&amp;",
    "another template language": "{{7*7}} ${7*7} <%= 7*7 %>",
    "a query": "'; DROP TABLE x; --",
    "a formula": '=HYPERLINK("http://a.example","b")',
    "a path": "../../../../etc/passwd",
    "a line break": "一行目\n二行目",
}
"""What must stand on paper as it is."""

REFUSED = {
    "a character that turns the text around": ("甲\u202e乙", "\u202e"),
    "an invisible character": ("甲\u200b乙", "\u200b"),
    "a control character": ("甲\x00乙", "\x00"),
    "a tab": ("甲\t乙", "\t"),
    "a return": ("甲\r乙", "\r"),
    "a character of private use": ("甲\ue000乙", "\ue000"),
}
"""What no letter may hold, and the character."""
