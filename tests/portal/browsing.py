"""A visit of a page in a real headless Chromium that can reach nothing but this machine, and what is to be seen on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

THOROUGH = "TANLU_THOROUGH" in os.environ
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


def place(page: str, language: str) -> str:
    return page if language == "zh" else "/en" + page if page != "/" else "/en"


class Visit:
    """A tab that notes what a page asks for and what goes wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.tab: Page = context.new_page()
        self.address = address
        self.foreign: list[str] = []
        self.faults: list[str] = []
        self.leaving = False
        self.tab.on("framenavigated", lambda frame: self._arrive() if frame == self.tab.main_frame else None)
        self.tab.on(
            "request",
            lambda r: self.foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None,
        )
        self.tab.on("pageerror", lambda e: self.faults.append(str(e)))
        self.tab.on("console", lambda m: self.faults.append(m.text) if m.type in ("error", "warning") else None)

    def begin(self) -> None:
        """Leave what an earlier test has left: its cookies, and what is noted until its page gives way to the next.

        An empty page between the two would cost a process of Chromium, a third of a visit.
        """
        self.tab.context.clear_cookies()
        self.leaving = True
        self._forget()

    def _forget(self) -> None:
        self.foreign.clear()
        self.faults.clear()

    def _arrive(self) -> None:
        if self.leaving:
            self.leaving = False
            self._forget()

    def go(self, path: str) -> Page:
        """Open a page and wait until all its charts are drawn."""
        self.tab.goto(self.address + path, wait_until="load")
        for figure in self.tab.locator("[data-chart]").all():
            figure.scroll_into_view_if_needed()
        self.tab.wait_for_selector("[data-chart]:not([data-drawn])", state="detached", timeout=20_000)
        return self.tab


@contextmanager
def context(browser: Browser, width: int, height: int, **options: Any) -> Iterator[BrowserContext]:
    made = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", locale="zh-CN", **options
    )
    yield made
    made.close()


@contextmanager
def telephone(visit: Visit, wanted: bool = True) -> Iterator[None]:
    """Make the tab of a desk as small as a telephone for a while; all that hangs on its width has followed when it is a desk again."""
    if not wanted:
        yield
        return
    visit.tab.set_viewport_size({"width": 390, "height": 844})
    try:
        yield
    finally:
        visit.tab.set_viewport_size({"width": 1440, "height": 900})
        visit.tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


OUTSIDE = """() => [...document.querySelectorAll('.plot svg')].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(t => t.getAttribute('opacity') !== '0').map(t => [t, t.getBoundingClientRect()])
        .filter(([t, b]) => b.width && (b.left < frame.left - 2 || b.right > frame.right + 2)).map(([t]) => t.textContent);
})"""
"""Texts of charts that stick out of their picture."""


UNFOLD = "() => { for (const details of document.querySelectorAll('details')) details.open = true; }"

NAMED = """() => {
    const found = [], named = new Set();
    for (const element of document.querySelectorAll('[id]')) {
        if (named.has(element.id)) found.push(`two elements are ${element.id}`);
        named.add(element.id);
    }
    for (const by of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'popovertarget', 'list'])
        for (const element of document.querySelectorAll(`[${by}]`))
            for (const id of element.getAttribute(by).split(/\\s+/))
                if (id && !named.has(id)) found.push(`${by} names ${id}, which is not there`);
    return found;
}"""
"""Names that are given twice, and names of nothing: asked of the whole page, which axe does not see (`LIKE`)."""

LIKE = """() => {
    const varying = new Set(['id', 'href', 'value', 'title', 'for', 'datetime', 'name', 'min', 'max', 'step', 'src', 'alt', 'placeholder',
        'aria-label', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-valuenow', 'aria-valuetext']);
    const whole = new Set(['TR', 'DL', 'COLGROUP']);
    const worth = a => varying.has(a.name) || a.name.startsWith('data-') ? Boolean(a.value) : a.value;
    const forms = new Map();
    const form = node => node.nodeType === Node.TEXT_NODE ? (node.data.trim() ? 't' : '') : forms.get(node) ?? '';
    for (const picture of document.querySelectorAll('.plot svg[aria-hidden]')) picture.replaceChildren();
    for (const element of [...document.querySelectorAll('body *')].reverse()) {
        if (element instanceof HTMLElement && !whole.has(element.tagName)) {
            const times = new Map();
            for (const child of [...element.children]) {
                const own = form(child);
                times.set(own, (times.get(own) || 0) + 1);
                if (times.get(own) > 2) child.remove();
            }
        }
        const unheard = element.matches('svg[aria-hidden]');
        const has = unheard ? [] : [...element.attributes].map(a => `${a.name}=${worth(a)}`);
        forms.set(element, `${element.tagName}[${has}](${unheard ? '' : [...element.childNodes].map(form).join('')})`);
    }
}"""
"""Leaves two of each form of what stands side by side (rows, entries, cards, levers): same elements, classes and roles, other words.

From the innermost outwards. What is said of two holds for the others, and the work of axe grows with the square of the page. Pictures of
charts are emptied: they are no part of what is read aloud, axe gives no judgement on the contrast of a text that shares its card with a
picture, and it would look at each of their marks all the same.
"""


OTHER_THEME = """async () => {
    const root = document.documentElement, theme = root.dataset.theme;
    const dark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    const found = await axe.run({runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations']});
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    return found.violations;
}"""
"""What a theme changes is contrast alone, so axe looks at nothing else in the other one."""


def violations(tab: Page, *, in_turn: bool = False) -> list[tuple[str, list[str]]]:
    """Return what axe finds, in both themes, with everything unfolded; the page is changed by this (`LIKE`), so it comes last.

    Parameters
    ----------
    tab
        With the page.
    in_turn
        Look at the contrast of the theme that is shown in Chinese, and at that of the other theme in English: no colour hangs on the
        language. With ``TANLU_THOROUGH`` both are looked at in both.
    """
    from axe_playwright_python.sync_playwright import Axe

    english = tab.evaluate("document.documentElement.lang") == "en"
    here, there = (True, True) if THOROUGH or not in_turn else (not english, english)
    tab.evaluate(UNFOLD)
    # a table of the studio is asked for when it is opened
    tab.wait_for_selector("[data-stale] details[open] table", state="detached")
    named = tab.evaluate(NAMED)
    tab.evaluate(LIKE)
    found = (
        Axe()
        .run(tab, options=WCAG if here else {**WCAG, "rules": {"color-contrast": {"enabled": False}}})
        .response["violations"]
    )
    if there:
        found = [*found, *tab.evaluate(OTHER_THEME)]
    return [
        *(("names", [name]) for name in named),
        *((v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found),
    ]


def drawn(tab: Page) -> int:
    """Return how many charts a page has, each of them drawn with marks, and large enough to be read."""
    figures = tab.locator("[data-chart]").all()
    for figure in figures:
        assert figure.get_attribute("data-drawn") == "yes"
        svg = figure.locator("svg")
        assert svg.locator("path[d], text, line, rect").count() > 20
        box = svg.bounding_box()
        assert box is not None and box["width"] > 250 and box["height"] > 100
    return len(figures)
