#!/bin/sh
# Reports what is missing before npm fails. On Linux, npm installs the Node that runs Stylizer, so the
# installed Node only has to run npm; elsewhere the installed Node runs Stylizer.
set -eu

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

command -v node >/dev/null 2>&1 ||
  fail 'Node.js is missing. Install version 24 (20 is enough on Linux) from https://nodejs.org, then run make again.'
command -v npm >/dev/null 2>&1 ||
  fail 'npm is missing. It comes with Node.js from https://nodejs.org; distributions may package it separately.'

version=$(node -p 'process.versions.node')
major=${version%%.*}
rest=${version#*.}
minor=${rest%%.*}

case $(uname -s)-$(uname -m) in
  Linux-x86_64 | Linux-aarch64 | Linux-arm64)
    [ "$major" -ge 20 ] || fail "Node.js $version is too old: install version 20 or newer."
    ;;
  *)
    [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 13 ]; } ||
      fail "Node.js $version is too old: install version 22.13 or newer."
    ;;
esac
