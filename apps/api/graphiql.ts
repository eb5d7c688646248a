import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

import { allowGraphiql } from './browser-door.js';

const require = createRequire(import.meta.url);

const FILES = {
  'graphiql.min.css': join(dirname(require.resolve('graphiql/package.json')), 'graphiql.min.css'),
  'graphiql.min.js': join(dirname(require.resolve('graphiql/package.json')), 'graphiql.min.js'),
  'react.production.min.js': join(dirname(require.resolve('react/package.json')), 'umd', 'react.production.min.js'),
  'react-dom.production.min.js': join(
    dirname(require.resolve('react-dom/package.json')),
    'umd',
    'react-dom.production.min.js',
  ),
} as const;

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Muster: GraphiQL</title>
  <link rel="stylesheet" href="/graphiql/graphiql.min.css">
  <style>html, body, #graphiql { height: 100%; margin: 0 }</style>
</head>
<body>
  <div id="graphiql"></div>
  <script src="/graphiql/react.production.min.js"></script>
  <script src="/graphiql/react-dom.production.min.js"></script>
  <script src="/graphiql/graphiql.min.js"></script>
  <script src="/graphiql/start.js"></script>
</body>
</html>`;

const START = `const fetcher = GraphiQL.createFetcher({ url: '/graphql' });
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { fetcher, defaultHeaders: '{ "authorization": "Bearer " }', shouldPersistHeaders: false }),
);`;

/** Serves GraphiQL from its package, with nothing from the net; outside production alone. */
export async function serveGraphiql(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, { root: dirname(FILES['graphiql.min.js']), serve: false });
  server.get('/graphiql', { onRequest: allowGraphiql }, (_request, reply) => reply.type('text/html').send(PAGE));
  server.get('/graphiql/start.js', (_request, reply) => reply.type('text/javascript').send(START));
  for (const [name, path] of Object.entries(FILES)) {
    server.get(`/graphiql/${name}`, (_request, reply) => reply.sendFile(name, dirname(path)));
  }
}
