#!/bin/sh
# Builds tfjs-node's addon against the C library in PyPI's tensorflow-cpu: no prebuilt binaries,
# and a current TensorFlow instead of the 2.9 that the package asks for. For Linux on x86-64; needs
# python3 and g++.
# Usage: build-binding.sh <folder> [gpu]; then NODE_PATH=<folder>/node_modules has @tensorflow/tfjs-node, or
# @tensorflow/tfjs-node-gpu, for CUDA 12.
set -eu

[ "$(uname -sm)" = 'Linux x86_64' ] || { echo 'PyPI has the library for Linux on x86-64 only.' >&2; exit 1; }
for tool in python3 g++; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: install it (Debian: apt install $tool)." >&2; exit 1; }
done

suffix=${2:+-$2}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"
mkdir -p "$1"
cd "$1"
version=$(node -p "require('$here/../../inference-service/package.json').peerDependencies['@tensorflow/tfjs-node']")
echo '{ "private": true }' >package.json
# Its install script would download prebuilt binaries.
npm install --silent --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node$suffix@$version"

python3 -m venv python
python/bin/pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
  --python-version 3.11 --platform manylinux_2_27_x86_64 --dest wheel --requirement "$here/libtensorflow$suffix.txt"
python/bin/python - <<'END'
import pathlib, zipfile

(wheel,) = pathlib.Path("wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    wanted = ("tensorflow/libtensorflow_", "tensorflow/include/")
    archive.extractall(members=[name for name in archive.namelist() if name.startswith(wanted)])
END
rm -rf wheel python

addon=node_modules/@tensorflow/tfjs-node$suffix
mkdir -p "$addon/deps/lib" "$addon/lib/napi-v8"
mv tensorflow/libtensorflow_* "$addon/deps/lib"
# Never unload it with the thread that loaded it: TensorFlow's own threads keep running.
g++ -shared -fPIC -O2 -std=c++17 -DNAPI_VERSION=8 \
  -I "$(node -p 'path.join(path.dirname(process.execPath), "../include/node")')" -I tensorflow/include \
  "$addon"/binding/*.cc -o "$addon/lib/napi-v8/tfjs_binding.node" \
  -L "$addon/deps/lib" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 -Wl,-rpath,'$ORIGIN/../../deps/lib' -Wl,-z,nodelete
rm -rf tensorflow
