#!/usr/bin/env bash
# axe-core, with which the tests look for what keeps people out.
exec "$(dirname "$0")/npm_files.sh" axe axe-core@4.14.1 \
  sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ== axe.min.js LICENSE
