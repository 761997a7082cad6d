# All images; name a target: core (api, worker, migration), inference (CPU; amd64, arm64), inference-gpu (CUDA; amd64).
# docker build --target core .

# By digest, since tags can move; Dependabot updates both.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS node


FROM node AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/common/package.json packages/common/
COPY core-service/package.json core-service/
COPY inference-service/package.json inference-service/


# No package needs its install script: native packages ship binaries.
FROM manifests AS common-build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json ./
COPY packages/common packages/common
RUN npm run build -w packages/common


FROM common-build AS core-build
COPY core-service core-service
RUN npm run build -w core-service


FROM common-build AS inference-build
COPY inference-service inference-service
RUN npm run build -w inference-service


FROM manifests AS core-dependencies
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --workspace core-service --no-audit --no-fund
# npm keeps TypeScript because @nestjs/swagger names it as an optional peer. Declarations and
# the packages' source maps are unused at run time, and a third of the size.
RUN rm -rf node_modules/typescript node_modules/.bin \
    && find node_modules core-service/node_modules -type f \
       \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete


FROM manifests AS inference-dependencies
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --workspace inference-service --no-audit --no-fund
# onnxruntime-node contains libraries for every platform; this image needs one.
RUN rm -rf node_modules/.bin \
    && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 \
       ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} + \
    && find node_modules -type f \
       \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete


FROM scratch AS inference-files
WORKDIR /app
COPY LICENSE ./
COPY --from=inference-build /app/packages/common/dist packages/common/dist
COPY --from=inference-build /app/inference-service/dist inference-service/dist
COPY packages/common/package.json packages/common/
COPY inference-service/package.json inference-service/
COPY inference-service/models inference-service/models


# Without what only installs and builds: npm, corepack, yarn. tini forwards signals and reaps children.
FROM node AS runtime
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn-* \
       /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
       /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    && install --directory --owner=node --group=node /data/storage
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    HOST=0.0.0.0
STOPSIGNAL SIGTERM
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "dist/main.js"]


# Runs as api (the command above), worker (node dist/worker.js) or migration (node dist/migrate.js).
FROM runtime AS core
WORKDIR /app
COPY LICENSE ./
COPY --from=core-dependencies /app/node_modules node_modules
COPY --from=core-dependencies /app/packages packages
COPY --from=core-dependencies /app/core-service core-service
COPY --from=core-build /app/packages/common/dist packages/common/dist
COPY --from=core-build /app/core-service/dist core-service/dist
COPY core-service/assets core-service/assets
WORKDIR /app/core-service
ENV PORT=8000 \
    METRICS_PORT=9464 \
    STORAGE_DIR=/data/storage
EXPOSE 8000 9464

ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Stylizer core service" \
      org.opencontainers.image.description="Accounts, tokens, styles and transformations: the public REST API and the worker behind it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"


FROM runtime AS inference
COPY --from=inference-dependencies /app/node_modules /app/node_modules
COPY --from=inference-files /app /app
WORKDIR /app/inference-service
# With glibc, two arenas in all instead of one per thread save about 30 MB. ONNX Runtime sends
# telemetry since 1.29 unless it is switched off.
ENV MALLOC_ARENA_MAX=2 \
    ORT_DISABLE_TELEMETRY=1 \
    PORT=8001 \
    METRICS_PORT=9465 \
    INFERENCE_DEVICE=cpu
EXPOSE 8001 9465

ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Stylizer inference service" \
      org.opencontainers.image.description="Image and style in, JPG out: the neural network behind an HTTP route, with no database" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"


FROM inference-dependencies AS gpu-dependencies
# The CUDA and TensorRT providers are too large for the npm registry: the package's own script fetches
# those of its version from NuGet.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js


FROM node AS tensorflow
# TENSORFLOW=true adds tfjs-node-gpu on TensorFlow's library for CUDA 12, 1.5 GB, for INFERENCE_ENGINE=tfjs-node-gpu.
ARG TENSORFLOW=false
COPY inference-service/package.json /app/inference-service/
COPY scripts/tensorflow /app/scripts/tensorflow
# hadolint ignore=DL3008,DL3009
RUN mkdir -p /opt/tensorflow \
    && if [ "$TENSORFLOW" = true ]; then \
         apt-get update \
         && apt-get install --yes --no-install-recommends ca-certificates g++ python3 python3-venv \
         && sh /app/scripts/tensorflow/build-binding.sh /opt/tensorflow gpu; \
       fi


FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04@sha256:ac55d124da4882b497f732d8dfd9a702d5447a5f29d08d56da6f64f0a1eb34bc AS inference-gpu
# TENSORRT=true adds NVIDIA's TensorRT, some gigabytes, for INFERENCE_DEVICE=tensorrt.
ARG TENSORRT=false
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && if [ "$TENSORRT" = true ]; then \
         apt-get install --yes --no-install-recommends libnvinfer10 libnvinfer-plugin10 libnvonnxparsers10; \
       fi \
    && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=gpu-dependencies /app/node_modules /app/node_modules
COPY --from=inference-files /app /app
COPY --from=tensorflow /opt/tensorflow /opt/tensorflow
WORKDIR /app/inference-service
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    MALLOC_ARENA_MAX=2 \
    ORT_DISABLE_TELEMETRY=1 \
    NODE_PATH=/opt/tensorflow/node_modules \
    HOST=0.0.0.0 \
    PORT=8001 \
    METRICS_PORT=9465 \
    INFERENCE_DEVICE=cuda
EXPOSE 8001 9465
STOPSIGNAL SIGTERM
USER 1000:1000
# The first run compiles the network for the card, and TensorRT takes minutes for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --start-interval=1s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "dist/main.js"]

ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Stylizer inference service (CUDA)" \
      org.opencontainers.image.description="Image and style in, JPG out: the neural network behind an HTTP route, with no database" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
