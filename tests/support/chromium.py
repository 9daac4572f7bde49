"""Where Debian's Chromium is, and how it is started."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        "--disable-features=LocalNetworkAccessChecks"]  # a page made up by a test counts as one of the wide net
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (set CHROMIUM)")
