import { Controller, Get, Inject, Logger, Param, Query, Req, Res } from '@nestjs/common';
import { CONFIG, type Config, describeError, isUnavailable, MusterError, Public } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { publicUrl } from '../accounts/public-url.js';
import { AT_PROVIDER_MINUTES, ProviderSignIn } from './provider-sign-in.service.js';

const COOKIE = 'muster_sign_in';

/** The two addresses that a browser visits on its way to an agency's provider and back. Both send it on, whatever happens. */
@Controller('auth')
export class ProviderController {
  private readonly logger = new Logger(ProviderController.name);

  constructor(
    private readonly signIns: ProviderSignIn,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get(':provider/start')
  @Public()
  async start(
    @Param('provider') provider: string,
    @Query('challenge') challenge: unknown,
    @Req() { ip }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.sendOn(reply, async () => {
      const { url, ticket } = await this.signIns.begin(provider, typeof challenge === 'string' ? challenge : '', ip);
      this.setCookie(reply, provider, ticket, AT_PROVIDER_MINUTES * 60);
      return url.href;
    });
  }

  @Get(':provider/callback')
  @Public()
  async callback(
    @Param('provider') provider: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.sendOn(reply, async () => {
      const [, query = ''] = request.url.split('?', 2);
      this.setCookie(reply, provider, '', 0);
      const code = await this.signIns.comeBack(provider, ticketOf(request, this.cookie), new URLSearchParams(query));
      return this.client(`code=${code}`);
    });
  }

  private async sendOn(reply: FastifyReply, destination: () => Promise<string>): Promise<void> {
    const to = await destination().catch((error: unknown) => this.client(`error=${this.codeOf(error)}`));
    // Neither address may be kept, nor told to the next page.
    await reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').redirect(to, 303);
  }

  private codeOf(error: unknown): string {
    if (error instanceof MusterError) return error.code;
    if (isUnavailable(error)) return 'UNAVAILABLE';
    this.logger.error({ error: describeError(error) });
    return 'INTERNAL';
  }

  /** Behind the #, which browsers send to no server and no server logs. */
  private client(fragment: string): string {
    return new URL(`/sign-in#${fragment}`, publicUrl(this.config)).href;
  }

  /** Sent along when the provider's page leads back here (Lax), and to no script. */
  private setCookie(reply: FastifyReply, provider: string, value: string, maxAge: number): void {
    const { isSecure } = this;
    const path = isSecure ? '/' : `/auth/${encodeURIComponent(provider)}`;
    const rest = `Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
    void reply.header('set-cookie', `${this.cookie}=${value}; ${rest}`);
  }

  /** Browsers take the prefix over TLS alone, and then from no other host and for the whole of this one. */
  private get cookie(): string {
    return this.isSecure ? `__Host-${COOKIE}` : COOKIE;
  }

  private get isSecure(): boolean {
    return publicUrl(this.config).protocol === 'https:';
  }
}

function ticketOf({ headers }: FastifyRequest, name: string): string {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
