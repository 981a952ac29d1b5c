"""Japanese is broken into lines as it is printed: nothing forbidden begins one, phrases stay whole.

That every text of every page is broken so is asked of each in `every_page`.
"""

from typing import Final, cast

from tests.browser.looking import Tab

FORBIDDEN: Final = frozenset(
    "、。，．・：；？！」』）】〕％ー々ゝァィゥェォャュョッヮぁぃぅぇぉゃゅょっゎ"
)
"""What begins no line. Source: JLReq 3.1.7, with the small kana and ー of its strict rule."""
OPENING: Final = frozenset("「『（【〔")
"""What ends none. Source: JLReq 3.1.8."""
WRITTEN: Final = (
    "ショッピングセンターのキャッシュカードを、ちょっとだけ使ってから返しました（「済み」）。",
    "パスワードのお知らせは、ファイルをお届けした後に、別の郵便でお送りします（転送不要）。",
)
PHRASES: Final = ("本人確認の", "書類を", "登録すると、", "通知書が", "作成されます。")
NARROW: Final = range(4, 14)
"""Widths in characters; what is longer than a line is broken inside."""
WIDE_ENOUGH: Final = range(7, 14)

_LINES: Final = """([text, width, style]) => {
    const box = document.createElement('p');
    box.textContent = text;
    box.style.cssText = `inline-size: ${width}em; ${style}`;
    document.querySelector('main').append(box);
    const range = document.createRange(), lines = [];
    let top = null;
    for (let at = 0; at < text.length; at += 1) {
        range.setStart(box.firstChild, at);
        range.setEnd(box.firstChild, at + 1);
        const there = range.getClientRects()[0].top;
        if (top === null || there > top + 2) lines.push('');
        lines[lines.length - 1] += text[at];
        top = there;
    }
    box.remove();
    return lines;
}"""


def lines(watched: Tab, text: str, width: int, style: str = "") -> list[str]:
    """The lines of a text in a box of the page that is so many characters wide."""
    return cast("list[str]", watched.page.evaluate(_LINES, [text, width, style]))


def broken_badly(watched: Tab, style: str = "") -> list[str]:
    """Lines that begin or end with what may not stand there."""
    return [
        line
        for text in WRITTEN
        for width in NARROW
        for number, line in enumerate(lines(watched, text, width, style))
        if (number and line[0] in FORBIDDEN) or line[-1] in OPENING
    ]


def torn(watched: Tab, style: str = "") -> list[str]:
    """Lines that begin or end within a phrase, where every phrase would fit on one."""
    whole = "".join(PHRASES)
    ends = {len("".join(PHRASES[: number + 1])) for number in range(len(PHRASES))}
    found: list[str] = []
    for width in WIDE_ENOUGH:
        at = 0
        for line in lines(watched, whole, width, style):
            at += len(line)
            if at not in ends:
                found.append(line)
    return found


def test_no_line_begins_or_ends_with_what_may_not_stand_there(watched: Tab) -> None:
    watched.go("/sign-in")
    assert broken_badly(watched) == []


def test_no_line_ends_within_a_phrase_that_would_fit_on_one(watched: Tab) -> None:
    watched.go("/sign-in")
    assert torn(watched) == []


def test_the_triangle_of_a_line_s_form_stands_before_its_word(watched: Tab) -> None:
    """However narrow its cell is: it never stands alone above."""
    watched.go("/sign-in")
    lines_of_it = watched.page.evaluate(
        """() => {
            const made = (name, into) => into.appendChild(document.createElement(name));
            const table = made('table', document.querySelector('main'));
            const summary = made('summary', made('details', made('td', made('tr', table))));
            table.style.inlineSize = '1rem';
            summary.textContent = '失効させる';
            const range = document.createRange();
            range.selectNodeContents(summary);
            return range.getClientRects().length;
        }"""
    )
    assert lines_of_it == 1
