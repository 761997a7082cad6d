#!/bin/sh
# Builds, pushes and signs all images of a version from one machine, as the Jenkinsfile does; the other
# architecture is emulated. On GitHub, release.yml builds each natively instead.
# usage: REGISTRY=… REGISTRY_USER=… REGISTRY_PASSWORD=… COSIGN_KEY=… push-images.sh VERSION
set -eu
version=$1
cd "$(dirname "$0")/../.."

push() {
  target=$2 platforms=$3 tag=$REGISTRY/$1:$version$4
  docker buildx build . --builder stylizer --target "$target" \
    --platform "$platforms" --tag "$tag" --push --metadata-file "$metadata" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse HEAD)" \
    --provenance mode=max --sbom true
  digest=$(sed -n 's/.*"containerimage.digest": "\(sha256:[0-9a-f]*\)".*/\1/p' "$metadata")
  cosign sign --yes --recursive --key "$COSIGN_KEY" "${tag%:*}@$digest"
}

metadata=$(mktemp)
trap 'rm -f "$metadata"; docker buildx rm stylizer >/dev/null 2>&1 || true' EXIT
printf '%s' "$REGISTRY_PASSWORD" |
  docker login "${REGISTRY%%/*}" --username "$REGISTRY_USER" --password-stdin
docker buildx create --name stylizer --driver docker-container
push core-service core linux/amd64,linux/arm64 ''
push inference-service inference linux/amd64,linux/arm64 ''
push inference-service inference-gpu linux/amd64 -gpu
