# 26: the longest supported LTS; idle it costs 4.5 MiB RSS more than 22 and 0.9 more than 24, most of it shared (bench:footprint).
# Keep the version equal to that of the devDependency `node`: tests run on the runtime that ships.
# The bundle is the same on every architecture, so it is built on the builder's own.
FROM --platform=$BUILDPLATFORM docker.io/library/node:26.10.0-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No install scripts: esbuild and tsc work without, and the one of `node` would fetch a second Node.js.
RUN npm ci --ignore-scripts
COPY LICENSE build.ts sbom.ts tsconfig.json ./
COPY src src
RUN npm run build && rm dist/*.map && chmod +x dist/draingate.js \
  && mkdir bin && ln -s /app/dist/draingate.js bin/draingate

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
# By number, for runAsNonRoot cannot check a name. Nothing is ever written: a read-only root will do.
USER 65532:65532
EXPOSE 8089
# No shell and no init: draingate handles SIGTERM as process 1. No HEALTHCHECK: Kubernetes has probes.
# The flags trade speed, of which there is plenty, for a smaller heap; NODE_OPTIONS refuses the second.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "/app/dist/draingate.js"]
