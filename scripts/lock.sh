#!/usr/bin/env bash
# Resolve requirements/*.in anew; the lock files carry hashes and name no download host.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
  uv pip compile --quiet --python-version 3.10 --generate-hashes --no-header --no-annotate "$@"
}
PATH="$PWD/.venv/bin:$PATH"
lock requirements/app.in -o requirements/app.lock
lock requirements/dev.in -c requirements/app.lock -o requirements/dev.lock
lock requirements/boot.in -c requirements/app.lock -o requirements/boot.lock
