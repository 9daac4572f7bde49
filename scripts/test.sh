#!/usr/bin/env bash
# Everything that must hold before a change lands: the quick checks, one trained model, one pass of all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/lint.sh
.venv/bin/hotline train
# Rasa warns of every response that an action says, which `hotline check` knows better; only its errors count here.
log=$(mktemp)
.venv/bin/rasa data validate --domain bot/domain --config config.yml --data bot/rules $(ls nlu_data/*.yml) >"$log" 2>&1 \
  || { tail -n 40 "$log"; rm -f "$log"; exit 1; }
rm -f "$log"
if [ $# -gt 0 ]; then
  scripts/test_servers.sh .venv/bin/python -m pytest "$@"
  exit
fi
# Beside each other: each group waits for servers a good part of its time.
scripts/test_servers.sh scripts/pytest_beside.sh "tests/unit tests/integration/test_gateway_*" \
  "tests/integration --ignore-glob=tests/integration/test_gateway_*" "tests/dialogue tests/web"
