#!/bin/sh
# Installs the tools with which `make image-check` builds images.
set -eu
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'make image-check needs root on Debian, for buildah and mmdebstrap. With Docker: docker compose build' >&2
  exit 1
fi
command -v buildah >/dev/null && command -v mmdebstrap >/dev/null && exit
echo 'apt-get install buildah mmdebstrap'
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install --yes --no-install-recommends buildah mmdebstrap debian-archive-keyring >/dev/null
