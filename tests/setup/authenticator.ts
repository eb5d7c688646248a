import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What an authenticator and the browser before it may do otherwise than they should. */
export interface Misbehaviour {
  /** The page that the browser says it is on. */
  readonly origin?: string;
  /** The site that the authenticator makes the key for, or signs for. */
  readonly rpId?: string;
  readonly challenge?: string;
  readonly counter?: number;
  /** Whether a PIN or a finger was asked for. True unless given. */
  readonly userVerified?: boolean;
  readonly signWith?: Authenticator;
}

interface Options {
  readonly challenge: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_KEY = 0x40;

/** A passkey in software, with the browser before it: ES256, no attestation, a counter that goes up by one. */
export class Authenticator {
  private readonly privateKey: KeyObject;
  readonly credentialId = randomBytes(32);
  counter = 1;
  private userHandle = '';

  /** @param origin the page that it is used on */
  constructor(private readonly origin: string) {
    this.privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  }

  /** Answers `PublicKeyCredentialCreationOptionsJSON`. */
  create(options: Options & { readonly user: { readonly id: string } }, wrong: Misbehaviour = {}): unknown {
    this.userHandle = options.user.id;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credentialId.length);
    const authData = Buffer.concat([
      this.head(wrong, HAS_KEY),
      Buffer.alloc(16), // the maker's id: none
      length,
      this.credentialId,
      this.coseKey(),
    ]);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Buffer.from([0xa0]),
      cborText('authData'),
      cborBytes(authData),
    ]);
    return this.answer({
      clientDataJSON: this.clientData('webauthn.create', options, wrong).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers `PublicKeyCredentialRequestOptionsJSON`. */
  get(options: Options, wrong: Misbehaviour = {}): unknown {
    this.counter++;
    const authData = this.head(wrong, 0);
    const clientData = this.clientData('webauthn.get', options, wrong);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return this.answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, (wrong.signWith ?? this).privateKey).toString('base64url'),
      userHandle: this.userHandle,
    });
  }

  private answer(response: Readonly<Record<string, unknown>>): unknown {
    const id = this.credentialId.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  private clientData(type: string, { challenge }: Options, wrong: Misbehaviour): Buffer {
    const origin = wrong.origin ?? this.origin;
    return Buffer.from(JSON.stringify({ type, challenge: wrong.challenge ?? challenge, origin, crossOrigin: false }));
  }

  private head(
    { rpId = new URL(this.origin).hostname, counter = this.counter, userVerified = true }: Misbehaviour,
    flags: number,
  ): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const hash = createHash('sha256').update(rpId).digest();
    return Buffer.concat([hash, Buffer.from([PRESENT | (userVerified ? VERIFIED : 0) | flags]), count]);
  }

  /** The public key as COSE (RFC 9053) writes it: EC2, ES256, P-256, x, y. */
  private coseKey(): Buffer {
    const { x = '', y = '' } = createPublicKey(this.privateKey).export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      cborBytes(Buffer.from(x, 'base64url')),
      Buffer.from([0x22]),
      cborBytes(Buffer.from(y, 'base64url')),
    ]);
  }
}

/** A text of less than 24 bytes in CBOR (RFC 8949). */
function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}

/** Bytes of less than 256 in CBOR. */
function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x58, bytes.length]), bytes]);
}
