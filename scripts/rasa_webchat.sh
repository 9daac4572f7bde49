#!/usr/bin/env bash
# Fetch the web chat client for Rasa that the tests drive, checked by its hash, into .cache/ (it is no part of the product).
# Its built file holds everything it needs, so that none of its dependencies is fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
package=rasa-webchat@1.0.1
integrity=sha512-Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w==
folder=.cache/rasa-webchat

[ "$(cat "$folder/integrity" 2>/dev/null || true)" = "$integrity" ] && [ -f "$folder/index.js" ] && exit 0
command -v npm >/dev/null || { echo "rasa webchat: please install npm (its test is skipped until then)" >&2; exit 1; }
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
archive=$(cd "$fresh" && npm pack --silent --ignore-scripts "$package")
have=$(node -e 'console.log("sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64"))' \
  "$fresh/$archive")
[ "$have" = "$integrity" ] || { echo "rasa webchat: $package is not what was checked" >&2; exit 1; }
tar -xzf "$fresh/$archive" -C "$fresh" package/lib/index.js package/LICENSE
mkdir -p "$folder"
cp "$fresh/package/lib/index.js" "$fresh/package/LICENSE" "$folder/"
echo "$integrity" >"$folder/integrity"
