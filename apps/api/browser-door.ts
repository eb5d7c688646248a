import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '#platform';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import helmet from 'helmet';

import type { Origins } from './origins.js';

/** Seconds for which a browser comes by https alone: a year. */
const HSTS_SECONDS = 31_536_000;

/** Seconds for which a browser keeps what it was told of another origin's rights. */
const PREFLIGHT_SECONDS = 600;

/** What a page may load from nowhere: answers of an API are no pages, and no page may frame them. */
const NOTHING = {
  defaultSrc: ["'none'"],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};

/** GraphiQL loads its own files; its editor sets styles of its own. */
const GRAPHIQL_POLICY = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

/** A hook of GraphiQL's page, in whose answer it takes the place of the policy of all others. */
export const allowGraphiql = hookOf(helmet.contentSecurityPolicy({ useDefaults: false, directives: GRAPHIQL_POLICY }));

/** Which pages may call, what browsers may do with answers, and that nothing keeps them. */
export function guardAgainstBrowsers(
  app: NestFastifyApplication,
  server: FastifyInstance,
  origins: Origins,
  config: Config,
): void {
  // Made once: what @fastify/helmet makes anew for each request took a thirteenth of its time.
  const headers = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // Told only where browsers come by https: without it a browser could not come again.
    strictTransportSecurity: isHttps(config) ? { maxAge: HSTS_SECONDS, includeSubDomains: true } : false,
    // The web client may stand on an origin of ALLOWED_ORIGINS; who may read an answer is said by CORS.
    crossOriginResourcePolicy: { policy: origins.others.length > 0 ? 'cross-origin' : 'same-origin' },
  });
  server.addHook('onRequest', hookOf(headers));
  refuseOtherPages(server, origins);
  if (origins.others.length === 0) return;
  app.enableCors({
    origin: origins.others,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    // Muster has no cookies: a session is told in a header.
    credentials: false,
    maxAge: PREFLIGHT_SECONDS,
  });
}

/** A middleware of helmet, which sets headers and asks nobody, as a hook of Fastify. */
function hookOf(middleware: ReturnType<typeof helmet>): onRequestHookHandler {
  return ({ raw: request }, { raw: response }, done) => {
    middleware(request, response, () => done());
  };
}

/** The headers that a page may read beside the usual: a request's id, and where an upload stands. */
const EXPOSED = [
  'x-request-id',
  'location',
  'upload-offset',
  'upload-length',
  'upload-metadata',
  'upload-expires',
  'tus-resumable',
  'tus-version',
  'tus-extension',
  'tus-max-size',
];

function refuseOtherPages(server: FastifyInstance, origins: Origins): void {
  server.addHook('onRequest', async ({ headers }, reply) => {
    // Answers are of one person, at one moment; a route that knows better says so.
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    const { origin, host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
    if (origins.admits({ origin, host, site: one(site), mode: one(mode) })) return;
    await reply.code(403).send(REFUSAL);
  });
}

/** In the form of every other refusal, whatever was asked for. */
const REFUSAL = {
  data: null,
  errors: [{ message: 'Pages of this origin may not call this server.', extensions: { code: 'FORBIDDEN' } }],
};

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

function isHttps({ publicUrl }: Config): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}
