#!/usr/bin/env bash
# The web chat client for Rasa that the tests drive. Its built file holds everything it needs, so none of its dependencies is fetched.
exec "$(dirname "$0")/npm_files.sh" rasa-webchat rasa-webchat@1.0.1 \
  sha512-Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w== lib/index.js LICENSE
