import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { CONFIG, type Config } from '#platform';
import { z } from 'zod';

import { publicUrl } from '../accounts/public-url.js';

/** How long an answer of an authenticator is waited for, in minutes. */
export const CEREMONY_MINUTES = 5;

/** Base64url texts of WebAuthn; the longest in use are certificates of attestation, which are not asked for. */
const Text = z.string().max(16_384);
const extensions = { clientExtensionResults: z.looseObject({}).default({}), type: z.literal('public-key') };

const Registration = z.object({
  id: Text,
  rawId: Text,
  response: z.object({
    clientDataJSON: Text,
    attestationObject: Text,
    transports: z.array(z.string().max(32)).max(8).optional(),
  }),
  ...extensions,
});
const Authentication = z.object({
  id: Text,
  rawId: Text,
  response: z.object({
    clientDataJSON: Text,
    authenticatorData: Text,
    signature: Text,
    userHandle: Text.optional(),
  }),
  ...extensions,
});

/** A passkey as it is kept. */
export interface KeptPasskey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
}

export interface NewPasskey extends KeptPasskey {
  readonly backedUp: boolean;
}

/** Whom a passkey is to be for. */
export interface PasskeyOwner {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly passkeys: readonly Pick<KeptPasskey, 'credentialId' | 'transports'>[];
}

/**
 * The two ceremonies of WebAuthn, as this server asks for them: keys that can be found without a name (discoverable), whose holder has
 * proved to the device who they are, by a PIN or a finger. No attestation: any maker will do.
 */
@Injectable()
export class Ceremonies {
  private readonly logger = new Logger(Ceremonies.name);
  private readonly rpID: string;
  /** The own page, and those beside it; browsers let only pages of the site ask for its keys. */
  private readonly origins: string[];

  constructor(@Inject(CONFIG) config: Config) {
    const { hostname, origin } = publicUrl(config);
    this.rpID = hostname;
    this.origins = [origin, ...(config.allowedOrigins ?? [])];
  }

  registrationOptions({ id, email, name, passkeys }: PasskeyOwner): Promise<PublicKeyCredentialCreationOptionsJSON> {
    return generateRegistrationOptions({
      rpName: 'Muster',
      rpID: this.rpID,
      userID: new Uint8Array(Buffer.from(id)),
      userName: email,
      userDisplayName: name,
      timeout: CEREMONY_MINUTES * 60_000,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: passkeys.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports: [...transports],
      })),
    });
  }

  authenticationOptions(): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return generateAuthenticationOptions({
      rpID: this.rpID,
      userVerification: 'required',
      timeout: CEREMONY_MINUTES * 60_000,
    });
  }

  /** The passkey of an answer; undefined where the answer is not one to this challenge, from this site, by a verified holder. */
  async registered(answer: unknown, challenge: string): Promise<NewPasskey | undefined> {
    const read = Registration.safeParse(answer);
    if (!read.success) return undefined;
    const { registrationInfo: info } = await this.tried(() =>
      verifyRegistrationResponse({
        response: read.data,
        expectedChallenge: challenge,
        expectedOrigin: this.origins,
        expectedRPID: this.rpID,
        requireUserVerification: true,
      }),
    );
    if (!info) return undefined;
    const { id: credentialId, publicKey, counter, transports = [] } = info.credential;
    return { credentialId, publicKey, counter, transports, backedUp: info.credentialBackedUp };
  }

  /** The new counter of the passkey; undefined where the answer is not one of it to this challenge, or the counter went back. */
  async authenticated(answer: PasskeyAnswer, challenge: string, passkey: KeptPasskey): Promise<number | undefined> {
    const { credentialId, publicKey, counter } = passkey;
    const { verified, authenticationInfo } = await this.tried(() =>
      verifyAuthenticationResponse({
        response: answer,
        expectedChallenge: challenge,
        expectedOrigin: this.origins,
        expectedRPID: this.rpID,
        requireUserVerification: true,
        credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter },
      }),
    );
    return verified === true ? authenticationInfo?.newCounter : undefined;
  }

  /** The library throws at what is wrong with an answer. Why stands in the log alone, for those who run the server. */
  private async tried<T extends object>(verify: () => Promise<T>): Promise<Partial<T>> {
    try {
      return await verify();
    } catch (error) {
      this.logger.warn(`A passkey was refused: ${error instanceof Error ? error.message : String(error)}`);
      return {};
    }
  }
}

export type PasskeyAnswer = z.output<typeof Authentication>;

export function readPasskeyAnswer(answer: unknown): PasskeyAnswer | undefined {
  return Authentication.safeParse(answer).data;
}

/** The challenge that an answer says it is one to; what was kept is found by it, and it is compared once more with the signed one. */
export function challengeIn(answer: unknown): string {
  const Envelope = z.object({ response: z.object({ clientDataJSON: Text }) });
  const Signed = z.object({ challenge: z.string().max(1024) });
  try {
    const { clientDataJSON } = Envelope.parse(answer).response;
    return Signed.parse(JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))).challenge;
  } catch {
    return '';
  }
}
