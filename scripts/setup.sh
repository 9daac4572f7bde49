#!/usr/bin/env bash
# Make .venv with exactly what is locked. `scripts/setup.sh app` for use, `scripts/setup.sh dev` for tests as well.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-app}

find_python() {
  local candidate
  for candidate in "$(command -v python3.10 || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python \
                   "$(command -v uv >/dev/null && uv python find 3.10 2>/dev/null || true)"; do
    # A pyenv shim lies on PATH even when no 3.10 is chosen, so each candidate must prove itself.
    if [ -x "$candidate" ] && "$candidate" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
      echo "$candidate"; return 0
    fi
  done
  return 1
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
  python=$(find_python) || {
    echo "需要 Python 3.10，但没有找到。请安装后再试，例如：apt-get install python3.10 python3.10-venv，或 pyenv install 3.10" >&2
    echo "Python 3.10 is needed and was not found. Install it (apt, pyenv or uv) and try again." >&2
    exit 1
  }
  rm -rf .venv
  "$python" -m venv .venv
fi

wanted=$(cat requirements/boot.lock "requirements/$kind.lock" pyproject.toml | sha256sum | cut -d' ' -f1)
have=$(cat ".venv/.installed-dev" 2>/dev/null || true)
[ "$kind" = app ] && have="$have $(cat .venv/.installed-app 2>/dev/null || true)"
case " $have " in *" $wanted "*) exit 0 ;; esac
if [ "$kind" = app ] && [ -f .venv/.installed-dev ] && [ "$(cat .venv/.installed-dev)" = "$(cat requirements/boot.lock requirements/dev.lock pyproject.toml | sha256sum | cut -d' ' -f1)" ]; then
  exit 0   # the larger set is there already
fi

echo "正在安装依赖（第一次约两分钟）…… installing what is locked"
.venv/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: -r requirements/boot.lock
# Wheels only, but for the packages that publish none.
.venv/bin/uv pip sync --python .venv/bin/python --require-hashes --no-build-isolation \
  --only-binary :all: $(sed 's/^/--no-binary /' requirements/no-wheels.txt | tr '\n' ' ') "requirements/$kind.lock"
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
echo "$wanted" > ".venv/.installed-$kind"
