# 26: the longest supported LTS; idle it costs 4.6 MiB RSS more than 22 and 0.6 more than 24, most of it shared (bench:footprint).
# Keep the version equal to that of the devDependency `node`: tests run on the runtime that ships.
# The bundle is the same on every architecture, so it is built on the builder's own.
FROM --platform=$BUILDPLATFORM docker.io/library/node:26.10.0-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No install scripts: esbuild and tsc work without, and the one of `node` would fetch a second Node.js.
RUN npm ci --ignore-scripts
COPY LICENSE board-page.ts build.ts sbom.ts tsconfig.json ./
COPY src src
RUN npm run build && rm dist/*.map && chmod +x dist/draingate.js \
  && mkdir bin cache && ln -s /app/dist/draingate.js bin/draingate

FROM docker.io/library/node:26.10.0-trixie-slim
LABEL org.opencontainers.image.title="draingate" \
      org.opencontainers.image.description="Holds a pod's preStop hook until its AWS load balancer has let it go" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/node:26.10.0-trixie-slim"
ENV NODE_ENV=production
# package.json tells Node.js that the bundle is ESM.
COPY --from=build /build/package.json /build/LICENSE /app/
COPY --from=build /build/dist /app/dist
# `kubectl exec POD -c draingate -- draingate doctor`
COPY --from=build /build/bin/ /usr/local/bin/
COPY --from=build --chown=65532:65532 /build/cache /app/cache
ENV NODE_COMPILE_CACHE=/app/cache
# By number, for runAsNonRoot cannot check a name. Nothing is ever written: a read-only root will do.
USER 65532:65532
# What V8 makes of the bundle when it starts, kept: a tenth less time to /readyz (bench:footprint).
# For this Node.js and these flags only; it ends by SIGTERM, a few seconds later.
RUN TARGET_GROUP_ARNS=arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/none/0123456789abcdef \
  POD_IPS=127.0.0.1 timeout --preserve-status 10 \
  node --max-semi-space-size=1 --optimize-for-size /app/dist/draingate.js
EXPOSE 8089
# No shell and no init: draingate handles SIGTERM as process 1. No HEALTHCHECK: Kubernetes has probes.
# The flags trade speed, of which there is plenty, for a smaller heap; NODE_OPTIONS refuses the second.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "/app/dist/draingate.js"]
