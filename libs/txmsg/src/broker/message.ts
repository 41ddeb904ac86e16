/** A message on its way to the broker. */
export interface OutgoingMessage {
  readonly topic: string;
  /** What operators search by; txmsg puts the txNo here. */
  readonly key: string;
  /** Not empty (RocketMQ refuses that), and at most 4 MB unless the broker allows more. */
  readonly body: Buffer;
  /** Without control characters, and without the names that RocketMQ keeps for itself. */
  readonly properties: Readonly<Record<string, string>>;
}

/** A message as the broker delivered it, or asks about it. Nothing in it has been checked. */
export interface IncomingMessage {
  readonly messageId: string;
  readonly topic: string;
  readonly keys: readonly string[];
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
  /** The sender's clock, in ms since the epoch; undefined when the sender set none. */
  readonly bornAtMs: number | undefined;
}
