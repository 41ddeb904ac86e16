# One image for each app:
#
#   docker build --build-arg APP=bank1 --tag txmsg-bank1 .
#
# It runs as user `node`, needs no writable file system, and takes its settings from the environment and from
# /run/secrets/bank.env, if there is such a file.

# What decides which packages are installed: while these files stay the same, so do the layers of `npm ci`.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete && \
    find . -type d -empty -delete

# Everything built, with every tool; the apps share it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nx.json tsconfig.base.json ./
COPY libs libs
COPY apps apps
RUN npx nx run-many -t build --outputStyle=static

FROM build AS programs
RUN for project in libs/* apps/*; do \
      mkdir -p "/programs/$project" && cp -r "$project/package.json" "$project/dist" "/programs/$project/"; \
    done && \
    find /programs -name '*.d.ts' -delete

# The tests that run against running containers.
FROM build AS e2e
COPY . .
USER node
CMD ["node", "node_modules/jest/bin/jest.js", "--config", "tools/compose/jest.config.mjs"]

# The packages that this one app needs at run time. TypeScript comes in as an optional peer of @nestjs/swagger, for a
# compiler plugin; like types and source maps of packages it is of no use there.
FROM node:24-bookworm-slim AS packages
ARG APP
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace="apps/$APP" && \
    rm -rf node_modules/typescript node_modules/.bin && \
    find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM node:24-bookworm-slim AS app
ARG APP
# In a container, loopback reaches nobody: who may connect is decided by what is published.
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=packages /app/node_modules /app/node_modules
# A package that two projects need in different versions lies below one of them.
COPY --from=packages /app/libs /app/libs
COPY --from=packages /app/apps/$APP /app/apps/$APP
COPY --from=programs /programs/libs /app/libs
COPY --from=programs /programs/apps/$APP /app/apps/$APP
WORKDIR /app/apps/$APP
USER node
CMD ["node", "--enable-source-maps", "--env-file-if-exists=/run/secrets/bank.env", "dist/main.js"]
