"""Takes the pictures of the README from the example organisation: `./run pictures`.

It uses nothing but what a person uses: `hoshin demo`, `hoshin serve`, a sign-in and a browser.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = {
    "home.png": ("/", "main"),
    "x-matrix.png": ("/units/1/x-matrix", "main .x-matrix, main svg"),
    "bowling.png": ("/units/1/bowling", "main table"),
}
WHOLE = """() => {
  document.querySelector(".bowling-strip")?.remove();
  for (const one of document.querySelectorAll(".bowling-wrap")) one.style.maxHeight = "none";
}"""
"""The chart as far down as it goes, without the bar that floats over it."""
PATIENCE = 60


def take(*, page: Page, address: str, into: Path) -> None:
    """One picture of each of PICTURES: the first thing on the page that its selector names."""
    for name, (path, selector) in PICTURES.items():
        page.goto(address + path)
        page.evaluate(WHOLE)
        page.locator(selector).first.screenshot(path=into / name)


@contextmanager
def _served(environ: dict[str, str]) -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "hoshin", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _wait_for(address: str) -> None:
    for _ in range(PATIENCE * 4):
        try:
            with urlopen(address):
                return
        except URLError:
            time.sleep(0.25)
    raise TimeoutError(f"nothing answers at {address}")


def main() -> None:
    """Load the example into a folder of its own, serve it, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "HOSHIN_INSTANCE": folder}
        environ.pop("HOSHIN_DATABASE_URL", None)
        shown = subprocess.run(
            [sys.executable, "-m", "hoshin", "demo"], env=environ, capture_output=True, text=True, check=True
        ).stdout
        executive = re.search(r"executive\s+(\S+)\s+(\S+)", shown)
        assert executive is not None, shown
        with _served(environ) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("HOSHIN_CHROMIUM") or None, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1680, "height": 1000})
            page.goto(f"{address}/sign-in")
            page.fill("input[name=email]", executive[1])
            page.fill("input[name=password]", executive[2])
            page.click("form button[type=submit]")
            page.wait_for_url(f"{address}/")
            take(page=page, address=address, into=DOCS)
            browser.close()


if __name__ == "__main__":
    main()
