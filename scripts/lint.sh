#!/usr/bin/env bash
# Style, types, import rules, and the product's own check of its data.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check .
$bin/mypy
$bin/lint-imports --no-timing 2>/dev/null || $bin/lint-imports
$bin/hotline check
