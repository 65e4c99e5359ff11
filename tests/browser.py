"""A headless browser that looks at pages for the tests, which are skipped where there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from html import escape
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser


def chromium(page: Path, *words: str) -> str:
    """Open a page in Chromium and return what it prints, such as the document with `--dump-dom`."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium is installed to look at the page with")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", *words, page.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode("utf-8")


def told(page: Path) -> Any:
    """What the scripts of a page have left in `document.body.dataset.told`, as JSON."""
    found = LexborHTMLParser(chromium(page, "--dump-dom")).css_first("body").attributes.get("data-told")
    return json.loads(found or "null")


def framed(page: Path, width: int) -> Any:
    """What a page posts to its parent, in a frame of this width: windows of a headless browser are no narrower than 500."""
    outer = page.with_name(f"framed-{width}.html")
    outer.write_text(
        f'<!doctype html><body><iframe style="width:{width}px;height:800px;border:0" src="{escape(page.as_uri())}"></iframe>'
        "<script>addEventListener('message', ({ data }) => { document.body.dataset.told = JSON.stringify(data); })</script></body>", "utf-8",
    )  # fmt: skip
    return told(outer)
