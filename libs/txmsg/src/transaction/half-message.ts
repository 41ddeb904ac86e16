import type { AttemptKey } from '../barrier/index.js';
import { ATTEMPT_PROPERTY, type MessageHead, type OutgoingMessage } from '../broker/index.js';

/** Message properties by which a check-back finds the barrier row of a half message. Part of the wire format. */
const PROPERTY = {
  txNo: 'txmsg-tx-no',
  scope: 'txmsg-scope',
  attempt: ATTEMPT_PROPERTY,
  database: 'txmsg-database',
  sentAt: 'txmsg-sent-at',
} as const;

/** Who sent a half message, and when: what is needed to answer its check-back. */
export interface HalfMessageOrigin extends AttemptKey {
  /** The id kept in the sender's database. */
  readonly databaseId: string;
  readonly sentAtMs: number;
}

/** The message as it goes to the broker, keyed by the txNo. */
export function toHalfMessage(topic: string, body: Buffer, origin: HalfMessageOrigin): OutgoingMessage {
  return {
    topic,
    key: origin.txNo,
    body,
    properties: {
      [PROPERTY.txNo]: origin.txNo,
      [PROPERTY.scope]: origin.scope,
      [PROPERTY.attempt]: origin.attempt,
      [PROPERTY.database]: origin.databaseId,
      [PROPERTY.sentAt]: String(origin.sentAtMs),
    },
  };
}

/** Undefined for a half message that was not sent by this library (a Java sender on the same topic, say). */
export function readOrigin({ properties }: MessageHead): HalfMessageOrigin | undefined {
  const txNo = properties[PROPERTY.txNo];
  const scope = properties[PROPERTY.scope];
  const attempt = properties[PROPERTY.attempt];
  const databaseId = properties[PROPERTY.database];
  const sentAtMs = Number(properties[PROPERTY.sentAt]);
  if (!txNo || !scope || !attempt || !databaseId || !Number.isSafeInteger(sentAtMs) || sentAtMs <= 0) {
    return undefined;
  }
  return { txNo, scope, attempt, databaseId, sentAtMs };
}
