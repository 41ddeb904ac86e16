/** A message on its way to the broker. */
export interface OutgoingMessage {
  /** By its name at the broker. */
  readonly topic: string;
  /** What operators search by; txmsg puts the txNo here. */
  readonly key: string;
  /** Not empty (RocketMQ refuses that), and at most 4 MB unless the broker allows more. */
  readonly body: Buffer;
  /** Without control characters, and without the names that RocketMQ keeps for itself. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What comes with a message beside its body. Nothing in it has been checked. */
export interface MessageHead {
  /** The sender's id of the message; it stays the same when the message is redelivered. */
  readonly messageId: string;
  /** By its name at the broker. */
  readonly topic: string;
  /** What operators search by; messages of txmsg have the txNo as the only one. */
  readonly keys: readonly string[];
  /** The sender's properties, without RocketMQ's own. */
  readonly properties: Readonly<Record<string, string>>;
  /** The sender's clock, in ms since the epoch; undefined when the sender set none, or one that no `Date` can hold. */
  readonly bornAtMs: number | undefined;
}

/** A message as the broker delivered it. Nothing in it has been checked. */
export interface IncomingMessage extends MessageHead {
  /** Decompressed. When it was too large, its first bytes as they came, followed by `…`. */
  readonly body: Buffer;
  /** Set when the body was too large and was cut. */
  readonly cut?: CutBody | undefined;
}

/** What is known of a body that was too large. */
export interface CutBody {
  /** How many bytes came from the broker. */
  readonly bytes: number;
  /** It was compressed, and would have been too large when inflated. */
  readonly compressed: boolean;
}
