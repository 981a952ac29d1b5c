"""What is measured on a page as it is seen: how lines break, what forced colours leave over."""

from typing import Final, cast

from playwright.sync_api import Page

STRICTLY: Final = ["ja strict auto-phrase anywhere"]
"""Of every text of a page: no line begins with what may not begin one, phrases stay together.

Source: JLReq 3.1.7; CSS Text 3, `line-break`; CSS Text 4, `word-break: auto-phrase`.
"""

# The ways in which the texts of the page are broken; what no line of text is in has none.
_LINE_BREAKING: Final = """() => {
    const WRITTEN = 'main, nav, header.site, footer.site, .demo, dialog';
    const holds = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const words = [...document.querySelectorAll(WRITTEN)]
        .flatMap(one => [one, ...one.querySelectorAll('*')])
        .filter(one => holds(one) && !one.closest('svg, select, textarea, script, style'));
    return [...new Set(words.map(one => {
        const it = getComputedStyle(one);
        const spoken = one.closest('[lang]').lang;
        return `${spoken} ${it.lineBreak} ${it.wordBreak} ${it.overflowWrap}`;
    }))];
}"""

# Where a colour cannot be told from its ground. Source: WCAG 2.2, 1.4.1, 1.4.3, 1.4.11.
_LOST: Final = """() => {
    const TEXT = 4.5, SHAPE = 3;
    const ADAPTED_BY_HAND = '.case-label, .case-label *';
    const parsed = css => {
        const found = css.match(/[\\d.]+/g);
        return found && css.startsWith('rgb') ? found.map(Number) : null;
    };
    const isSeen = colour => colour !== null && (colour.length < 4 || colour[3] > 0);
    const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const contrast = (one, other) => {
        const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const ground = parsed(getComputedStyle(document.body).backgroundColor);
    const differs = (css, least) => isSeen(parsed(css)) && contrast(parsed(css), ground) >= least;
    const isDrawn = one => one.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const told = [];
    const tell = (why, one) => told.push(`${why}: ${one.outerHTML.slice(0, 120)}`);
    if (!matchMedia('(forced-colors: active)').matches) return ['no colours are forced'];
    for (const one of document.querySelectorAll('body *')) {
        if (one.matches(ADAPTED_BY_HAND) || !isDrawn(one)) continue;
        const it = getComputedStyle(one);
        const isOfSvg = one.ownerSVGElement;
        // Texts of a picture keep the adaption of the picture around them.
        if (!isOfSvg && it.forcedColorAdjust === 'none') tell('not adapted', one);
        if (isOfSvg && one.matches('text') && !differs(it.fill, TEXT)) tell('text', one);
        if (isOfSvg && one.matches('rect, path, line, circle, polyline, polygon')
            && !one.closest('defs, clipPath, pattern')
            && !it.fill.startsWith('url') && !differs(it.fill, SHAPE) && !differs(it.stroke, SHAPE)
        ) tell('shape', one);
        if (one.matches('button, .button, select, textarea, input:not([type=hidden], [type=radio],'
            + ' [type=checkbox], [type=range]), .state, .strip, .notice, .group')
            && !one.matches('button.plain')
            && !(it.borderBlockEndStyle !== 'none' && differs(it.borderBlockEndColor, SHAPE))
        ) tell('no border', one);
        if (one.matches('a[aria-current]')) {
            const other = one.closest('ul, ol')?.querySelector('a:not([aria-current])');
            const seen = of => [of.borderBlockEndColor, of.borderBlockEndStyle,
                                of.textDecorationLine].join();
            if (other && seen(it) === seen(getComputedStyle(other))) tell('not told apart', one);
        }
    }
    return told;
}"""


def line_breaking(page: Page) -> list[str]:
    """How the texts of the page break: language, `line-break`, `word-break`, `overflow-wrap`."""
    return cast("list[str]", page.evaluate(_LINE_BREAKING))


def lost(page: Page) -> list[str]:
    """What cannot be seen, or not be told apart, in the colours that somebody forces.

    Texts in HTML axe looks at; here are pictures, borders of what is pressed or filled in and of
    what stands in a box, and where somebody is among tabs, steps and places.
    """
    return cast("list[str]", page.evaluate(_LOST))
