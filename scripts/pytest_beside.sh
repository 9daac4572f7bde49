#!/usr/bin/env bash
# Run groups of tests beside each other, one pytest a group; tell what each said, and fail if one fails.
#   scripts/pytest_beside.sh tests/unit "tests/dialogue tests/web"
set -uo pipefail
logs=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$logs"' EXIT
for group in "$@"; do
  # shellcheck disable=SC2086  # a group may name several folders
  .venv/bin/python -m pytest -p no:cacheprovider --durations=15 $group >"$logs/${#pids[@]}" 2>&1 &
  pids+=("$!")
done
failed=0
for i in "${!pids[@]}"; do
  wait "${pids[$i]}" || failed=1
  cat "$logs/$i"
done
exit "$failed"
