"""A headless Chromium under the DevTools protocol, spoken over two pipes: nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WAIT = 120.0
"""Seconds until an answer must have come: the machine may be busy with everything else."""
# The browser reads commands from descriptor 3 and writes to 4; this process cannot know that both are free here.
LAUNCHER = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 20) for n in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def installed() -> str | None:
    """Return the browser: QBANK_CHROMIUM where it is set, else the first of the usual names."""
    said = os.environ.get("QBANK_CHROMIUM")
    return said or next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page of a running browser: what it asked for, what it complained about, and what it answers."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._number = 0
        self._waiting = b""
        self.session = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the result of a command; events that come meanwhile are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + WAIT
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._answers], [], [], max(until - time.monotonic(), 0))
            got = os.read(self._answers, 1 << 20) if ready else b""
            if not got:
                raise TimeoutError("the browser does not answer" if not ready else "the browser has ended")
            self._waiting += got
        first, _, self._waiting = self._waiting.partition(b"\0")
        return dict(json.loads(first))

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded: it, and not the page before, whose events may still come."""
        self.events.clear()
        loader = self.call("Page.navigate", url=address)["loaderId"]
        while not any(self._is_loaded(event, loader) for event in self.events):
            self.events.append(self._next())

    @staticmethod
    def _is_loaded(event: dict[str, Any], loader: str) -> bool:
        told = event.get("params", {})
        return event.get("method") == "Page.lifecycleEvent" and (told["loaderId"], told["name"]) == (loader, "load")

    def ask(self, expression: str) -> Any:
        """Return what an expression of the page's script is worth, a promise when it is kept."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, (expression, found["exceptionDetails"])
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a condition of the page holds: what follows an event of the page may follow frames later."""
        end = time.monotonic() + WAIT
        while not self.ask(f"Promise.resolve({condition}).then(Boolean)"):
            assert time.monotonic() < end, condition
            time.sleep(0.05)

    def settle(self) -> None:
        """Wait until the page has drawn what the last event changed."""
        self.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def click(self, selector: str) -> None:
        """Bring the element into view and click its middle, as a pointer does."""
        x, y = self.middle(selector)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def point(self, selector: str) -> None:
        """Move the pointer over the middle of the element."""
        x, y = self.middle(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def middle(self, selector: str) -> tuple[float, float]:
        """Return where the middle of the element is, having brought it into view."""
        found = self.ask(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " one.scrollIntoView({block: 'center', behavior: 'instant'}); const box = one.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        self.settle()
        return float(found[0]), float(found[1])

    def key(self, name: str, text: str = "") -> None:
        """Press and release a key."""
        codes = {"Enter": 13, "Tab": 9, " ": 32}
        told = {"key": name, "windowsVirtualKeyCode": codes.get(name, 0), **({"text": text} if text else {})}
        self.call("Input.dispatchKeyEvent", type="keyDown", **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=codes.get(name, 0))
        self.settle()

    def write(self, selector: str, words: str) -> None:
        """Put words into a field, in place of those that stand there."""
        self.ask(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.focus(); one.select(); }})()")
        self.call("Input.insertText", text=words)
        self.settle()

    def picture(self, path: Path | None = None, *, whole: bool = False) -> bytes:
        """Return what is seen as PNG, or the whole page."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        drawn = base64.b64decode(found["data"])
        if path is not None:
            path.write_bytes(drawn)
        return drawn

    def printed(self) -> bytes:
        """Return the page as the browser prints it, on the paper that its style asks for."""
        found = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(found["data"])

    def size(self, width: int, height: int = 900) -> None:
        """Make the window as wide as that."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def complaints(self) -> list[str]:
        """Return what the page wrote to the console, threw, or was forbidden."""
        names = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"])[:3000] for event in self.events if event.get("method") in names]

    def requests(self) -> list[str]:
        """Return every address that the page asked for, itself first."""
        return [
            str(event["params"]["request"]["url"])
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]


@contextmanager
def browser(program: str, home: Path) -> Iterator[Page]:
    """Start a browser whose profile is in ``home``, give one page of it, and end it."""
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    words = [
        program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
        "--force-device-scale-factor=1", f"--user-data-dir={home}", "about:blank",
    ]  # fmt: skip
    launch = [sys.executable, "-c", LAUNCHER, str(from_us), str(to_us), *words]
    process = subprocess.Popen(
        launch, pass_fds=(from_us, to_us), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(from_us)
    os.close(to_us)
    try:
        page = Page(to_browser, from_browser)
        page.process = process
        target = page.call("Target.createTarget", url="about:blank")["targetId"]
        page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Page.setLifecycleEventsEnabled", enabled=True)
        page.size(1200)
        yield page
        page.session = ""
        page.call("Browser.close")
    finally:
        os.close(to_browser)
        os.close(from_browser)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
