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
# Tests that need no servers run beside those that wait for them: half the time on two cores.
units=$(mktemp)
.venv/bin/python -m pytest tests/unit >"$units" 2>&1 &
unit=$!
trap 'kill "$unit" 2>/dev/null || true; rm -f "$units"' EXIT
failed=0
scripts/test_servers.sh .venv/bin/python -m pytest tests/dialogue tests/integration tests/web || failed=1
wait "$unit" || failed=1
cat "$units"
exit "$failed"
