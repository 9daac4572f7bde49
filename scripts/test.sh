#!/usr/bin/env bash
# Everything that must hold before a change lands: the quick checks, one trained model, one pass of all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/lint.sh
.venv/bin/hotline train
.venv/bin/rasa data validate --domain bot/domain --config config.yml --data bot/rules $(ls nlu_data/*.yml) --fail-on-warnings
.venv/bin/python -m pytest "$@"
