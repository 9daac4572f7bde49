#!/usr/bin/env bash
# Fetch axe-core, with which the tests look for what keeps people out, checked by its hash, into .cache/ (it is no part of the product).
set -euo pipefail
cd "$(dirname "$0")/.."
package=axe-core@4.14.1
integrity=sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
folder=.cache/axe

[ "$(cat "$folder/integrity" 2>/dev/null || true)" = "$integrity" ] && [ -f "$folder/axe.min.js" ] && exit 0
command -v npm >/dev/null || { echo "axe: please install npm (its tests are skipped until then)" >&2; exit 1; }
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
archive=$(cd "$fresh" && npm pack --silent --ignore-scripts "$package")
have=$(node -e 'console.log("sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64"))' \
  "$fresh/$archive")
[ "$have" = "$integrity" ] || { echo "axe: $package is not what was checked" >&2; exit 1; }
tar -xzf "$fresh/$archive" -C "$fresh" package/axe.min.js package/LICENSE
mkdir -p "$folder"
cp "$fresh/package/axe.min.js" "$fresh/package/LICENSE" "$folder/"
echo "$integrity" >"$folder/integrity"
