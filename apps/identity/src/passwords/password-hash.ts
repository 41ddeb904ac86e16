import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** The parameters of scrypt. */
export interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A hash with its parameters and its salt. */
export interface PasswordHash extends ScryptParameters {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const TEXT = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);

/** `scrypt$N$r$p$salt$hash`, as it is stored. */
export async function hashPassword(password: string, parameters: ScryptParameters): Promise<string> {
  const { N, r, p } = parameters;
  const salt = randomBytes(SALT_BYTES);
  const hash = await derived(password, salt, parameters);
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Takes as long as the hash took to be made, whatever the answer is. */
export async function isPasswordOf(
  password: string,
  { salt, hash, ...parameters }: PasswordHash,
): Promise<boolean> {
  return timingSafeEqual(await derived(password, salt, parameters), hash);
}

/** @throws RangeError when the text is no hash of ours */
export function parsePasswordHash(text: string): PasswordHash {
  const [, N, r, p, salt, hash] = TEXT.exec(text) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new RangeError(
      'A stored hash is not "scrypt$N$r$p$salt$hash"; its account cannot be used to log in.',
    );
  }
  return {
    ...{ N: Number(N), r: Number(r), p: Number(p) },
    ...{ salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') },
  };
}

/** One text that keyboards spell in two ways (é) is one password. */
function derived(password: string, salt: Buffer, { N, r, p }: ScryptParameters): Promise<Buffer> {
  // What scrypt needs, and a little more: OpenSSL refuses at its limit.
  const maxmem = 128 * r * (N + p + 2) + 65_536;
  return derive(Buffer.from(password.normalize('NFKC')), salt, HASH_BYTES, { N, r, p, maxmem });
}
