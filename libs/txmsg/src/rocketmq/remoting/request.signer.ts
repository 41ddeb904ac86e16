import { createHmac } from 'node:crypto';
import type { Fields } from './remoting-command.js';

export interface Credentials {
  readonly accessKey: string;
  readonly accessSecret: string;
}

/**
 * The fields with the user's name and signature, as RocketMQ's access control wants them (version 1.0 and 2.0 alike):
 * HMAC-SHA1 over the values in the order of their names, then the body. Test: request.signer.spec.ts.
 */
export function signed(fields: Fields, body: Buffer, { accessKey, accessSecret }: Credentials): Fields {
  const named: Record<string, string> = { ...fields, AccessKey: accessKey };
  const hmac = createHmac('sha1', accessSecret);
  for (const name of Object.keys(named).sort()) hmac.update(named[name] ?? '');
  named.Signature = hmac.update(body).digest('base64');
  return named;
}
