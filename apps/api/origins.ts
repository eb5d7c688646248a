import type { Config } from '#platform';

/** What of a request says which page of a browser sent it. */
export interface Sender {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  /** Fetch metadata (W3C), which no page can forge: whose page it was, and whether a person went there or a page loaded it. */
  readonly site?: string | undefined;
  readonly mode?: string | undefined;
}

/**
 * Which pages may call from a browser: the own, and those of `ALLOWED_ORIGINS`. The own is that of `PUBLIC_URL`; without the setting it is
 * the host that the request names, which a page can choose by a name of its own that leads here (DNS rebinding). Programs that are no
 * browsers send no origin, and pass.
 */
export class Origins {
  private readonly allowed: ReadonlySet<string>;
  private readonly own: string | undefined;

  constructor({ allowedOrigins = [], publicUrl }: Pick<Config, 'allowedOrigins' | 'publicUrl'>) {
    this.allowed = new Set(allowedOrigins);
    this.own = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  }

  /** Those beside the own, which may read answers (CORS). */
  get others(): string[] {
    return [...this.allowed];
  }

  admits({ origin, host, site, mode }: Sender): boolean {
    if (origin !== undefined) return this.allowed.has(origin) || this.isOwn(origin, host);
    // Pictures and scripts of another site come without an origin; following a link from there is another thing.
    return site !== 'cross-site' || mode === 'navigate';
  }

  private isOwn(origin: string, host: string | undefined): boolean {
    if (this.own !== undefined) return origin === this.own;
    // Behind a server with TLS the scheme differs, so the host decides.
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === withoutUsualPort(origin, host);
  }
}

/** A browser leaves the usual port out of an origin; another client may name it in `Host`. */
function withoutUsualPort(origin: string, host: string): string {
  return host.toLowerCase().replace(origin.startsWith('https:') ? /:443$/ : /:80$/, '');
}
