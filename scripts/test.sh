#!/usr/bin/env bash
# Everything that must hold before a change lands: the quick checks, one trained model, one pass of all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE  # or each of the many processes compiles the libraries anew
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The checks need one processor, and training leaves one.
scripts/lint.sh >"$log" 2>&1 &
lint=$!
.venv/bin/hotline train
wait "$lint" || { cat "$log"; exit 1; }
cat "$log"
# Rasa warns of every response that an action says, which `hotline check` knows better; only its errors count here.
.venv/bin/rasa data validate --domain bot/domain --config config.yml --data bot/rules $(ls nlu_data/*.yml) >"$log" 2>&1 \
  || { tail -n 40 "$log"; exit 1; }
if [ $# -gt 0 ]; then
  scripts/test_servers.sh .venv/bin/python -m pytest "$@"
  exit
fi
# Beside each other: each group waits for servers a good part of its time.
scripts/test_servers.sh scripts/pytest_beside.sh "tests/unit tests/integration/test_gateway_*" \
  "tests/integration --ignore-glob=tests/integration/test_gateway_*" "tests/dialogue tests/web"
