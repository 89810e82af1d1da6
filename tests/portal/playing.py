"""People of several roles who work through the pages of a portal in one browser, and the clock that they go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.portal.browsing import Visit, place
from tests.portal.office import PASSWORD, Office

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILL = """([form, fields]) => {
    for (const [name, value] of Object.entries(fields)) {
        const found = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
        if (!found.length) throw new Error(`the form has no field ${name}`);
        if (found[0].type === 'checkbox') { for (const box of found) box.checked = value.includes(box.value); continue; }
        const values = Array.isArray(value) ? value : [value];
        values.forEach((text, n) => {
            found[n].value = text;
            if (found[n].value !== text) throw new Error(`${name} does not take ${text}`);
        });
    }
}"""
"""Fills a form in as a hand would: only fields that are there, only options that are offered."""


@dataclass
class Play:
    """A tab in which one person after the other signs in, opens a page and sends one of its forms."""

    visit: Visit
    office: Office
    language: str
    now: datetime = datetime(2025, 1, 10, 9, tzinfo=SHANGHAI)
    who: str = "nobody"
    signed: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let the records go by the clock of the play: a second more with each look."""

        def clock() -> datetime:
            self.now += timedelta(seconds=1)
            return self.now.astimezone(UTC)

        self.office.records.database.clock = clock

    def on(self, year: int, month: int, day: int) -> None:
        """Let it be nine o'clock of a day; who worked before must sign in again."""
        self.now = datetime(year, month, day, 9, tzinfo=SHANGHAI)
        self.signed.clear()
        self.who = "nobody"

    def sign_in(self, who: str) -> None:
        """Sign in on the page of the login."""
        tab = self.visit.tab
        tab.context.clear_cookies()
        tab.goto(self.visit.address + place("/login", self.language))
        tab.fill("input[name=login]", who)
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url(lambda url: "/login" not in url)
        self.signed[who] = next(str(c["value"]) for c in tab.context.cookies() if c["name"] == "tanlu-session")
        self.who = who

    def be(self, who: str) -> None:
        """Let somebody sit down at the browser: at the page of the login the first time in the play, then with a fresh session."""
        if who == self.who:
            return
        context = self.visit.tab.context
        context.clear_cookies()
        if who:
            if who not in self.signed:
                token = self.office.records.logins.log_in(who, PASSWORD).token
                assert token is not None
                self.signed[who] = token
            context.add_cookies([{"name": "tanlu-session", "value": self.signed[who], "url": self.visit.address}])
        self.who = who

    def open(self, who: str, path: str) -> str:
        """Open a page as somebody, unless it is open, and return its text."""
        tab, wanted = self.visit.tab, self.visit.address + place(path, self.language)
        if self.who != who or tab.url != wanted:
            self.be(who)
            answer = tab.goto(wanted)
            assert answer is not None
            assert answer.status == 200, (who, path, answer.status, self.said())
            self._keep_session()
        self.pages.add(path.partition("?")[0])
        return tab.inner_text("main")

    def _keep_session(self) -> None:
        """Note the id of a session that has moved on."""
        for cookie in self.visit.tab.context.cookies():
            if cookie["name"] == "tanlu-session" and self.who:
                self.signed[self.who] = str(cookie["value"])

    def said(self) -> str:
        """Return what a page says is wrong."""
        found = self.visit.tab.query_selector_all(".notice-bad li, main .empty, main h1")
        return " | ".join(e.inner_text() for e in found)

    def send(
        self,
        who: str,
        path: str,
        act: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        *,
        files: Sequence[tuple[str, bytes]] = (),
        button: str = "",
        **hidden: str,
    ) -> str:
        """Send a form of a page and return the path of the page that follows, without its language.

        Parameters
        ----------
        act : str
            What the form does.
        fields : mapping
            What is typed or chosen.
        button : str
            Value of the button, where there are several.
        hidden
            Fields by which the form is told from others of the same act.
        """
        self.open(who, path)
        tab = self.visit.tab
        tab.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        parts = "".join(f':has(input[name="{k}"][value="{v}"])' for k, v in {"act": act, **hidden}.items())
        form = tab.locator(f"form{parts}").first
        assert form.count(), (who, path, act, hidden, self.said())
        if fields:
            tab.evaluate(FILL, [form.element_handle(), {k: _typed(v) for k, v in fields.items()}])
        if files:
            sent: Any = [{"name": n, "mimeType": "application/pdf", "buffer": c} for n, c in files]
            form.locator("input[type=file]").first.set_input_files(sent)
        pressed = form.locator(f'button[value="{button}"]' if button else "button").first
        with tab.expect_navigation():
            pressed.click()
        assert not tab.query_selector("#problems-said"), (who, path, act, self.said())
        self._keep_session()
        following = tab.url.removeprefix(self.visit.address).removesuffix("#")
        return following.removeprefix("/en") if self.language == "en" else following


def _typed(value: str | Sequence[str]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)
