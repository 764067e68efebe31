"""How long a key takes in the matrix editor, from pressing it to what is painted, in a real browser."""

from __future__ import annotations

import os
import shutil
import statistics
from threading import Thread

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

KEYS = ("9", "ArrowRight", "3", "ArrowDown", "1", "ArrowLeft", "0", "ArrowDown") * 4
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NOTE = """() => {
  window.taken = [];
  document.addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => window.taken.push(performance.now() - began);
      after.port2.postMessage(0);
    });
  }, true);
}"""
"""A message that is sent within a frame arrives when that frame has been painted."""


def keystroke(*, app: Flask, token: str, address: str) -> float | None:
    """The median in milliseconds over some thirty keys; None without a browser."""
    chromium = os.environ.get("HOSHIN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        return None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
            signer = SecureCookieSessionInterface().get_signing_serializer(app)
            value = str(signer.dumps({"_user_id": token, "_fresh": True})) if signer else ""
            context.add_cookies(
                [{"name": "session", "value": value, "url": f"http://127.0.0.1:{server.server_port}"}]
            )
            found = statistics.median(_taken(context.new_page(), address))
            browser.close()
            return found
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _taken(page: Page, address: str) -> list[float]:
    """What each key took, the first ones forgotten."""
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator("[data-upper][data-lower]").first.focus()
    page.evaluate(NOTE)
    for number, key in enumerate(KEYS, start=1):
        page.keyboard.press(key)
        page.wait_for_function("wanted => window.taken.length >= wanted", arg=number)
    taken: list[float] = page.evaluate("() => window.taken")
    return taken[4:]
