#!/usr/bin/env bash
# Fetch files out of an npm package, checked by its hash, into .cache/FOLDER (they are no part of the product).
#   scripts/npm_files.sh FOLDER PACKAGE@VERSION INTEGRITY FILE...
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.cache/$1 package=$2 integrity=$3
shift 3

[ "$(cat "$folder/integrity" 2>/dev/null || true)" = "$integrity" ] && exit 0
command -v npm >/dev/null || { echo "$package: please install npm (its tests are skipped until then)" >&2; exit 1; }
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
archive=$(cd "$fresh" && npm pack --silent --ignore-scripts "$package")
have=$(node -e 'console.log("sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64"))' \
  "$fresh/$archive")
[ "$have" = "$integrity" ] || { echo "$package is not what was checked" >&2; exit 1; }
tar -xzf "$fresh/$archive" -C "$fresh" package
mkdir -p "$folder"
for file in "$@"; do cp "$fresh/package/$file" "$folder/"; done
echo "$integrity" >"$folder/integrity"  # last: what was broken off is fetched anew
