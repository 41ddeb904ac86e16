import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SCHEME = 'TxMsg-Proof';
const PROOF = new RegExp(`^${SCHEME} (\\d{1,15})\\.([0-9a-f]{32})\\.([0-9a-f]{64})$`);
/** How far the clocks of both sides may differ, and how long a proof that was overheard can repeat the same reading call. */
export const PROOF_VALID_MS = 60_000;

/**
 * The `Authorization` of a GET by a caller who knows the admin token and does not send it: a process that answers in
 * place of the intended service learns nothing that opens another route.
 */
export function adminProof(token: string, path: string, nowMs = Date.now()): string {
  const nonce = randomBytes(16).toString('hex');
  return `${SCHEME} ${nowMs}.${nonce}.${macOf(token, path, String(nowMs), nonce)}`;
}

/** Undefined when this is no proof at all. */
export function isProven(
  authorization: string | undefined,
  token: string,
  path: string,
  nowMs = Date.now(),
): boolean | undefined {
  const [, atMs = '', nonce = '', mac = ''] = PROOF.exec(authorization ?? '') ?? [];
  if (mac === '') return undefined;
  const expected = Buffer.from(macOf(token, path, atMs, nonce));
  return timingSafeEqual(Buffer.from(mac), expected) && Math.abs(nowMs - Number(atMs)) <= PROOF_VALID_MS;
}

function macOf(token: string, path: string, atMs: string, nonce: string): string {
  const proven = ['txmsg-admin-v1', 'GET', path, atMs, nonce].join('\n');
  return createHmac('sha256', token).update(proven).digest('hex');
}
