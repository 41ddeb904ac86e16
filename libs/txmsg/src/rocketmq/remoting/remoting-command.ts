/** The named values of a header. The binary form cannot carry empty ones, so there are none. */
export type Fields = Readonly<Record<string, string>>;

/** A request or response as it came over the wire. */
export interface RemotingCommand {
  readonly code: number;
  readonly flag: number;
  /** Chosen by the sender of the request; the response carries the same number. */
  readonly opaque: number;
  /** The sender's, by MQVersion. */
  readonly version: number;
  readonly remark: string;
  readonly fields: Fields;
  /** A part of what the socket delivered, not a copy. */
  readonly body: Buffer;
}

export const NO_BODY = Buffer.alloc(0);

const RESPONSE = 1;
const ONE_WAY = 2;

export const REQUEST_FLAG = 0;
export const ONE_WAY_FLAG = ONE_WAY;
export const RESPONSE_FLAG = RESPONSE;

export function isResponse({ flag }: RemotingCommand): boolean {
  return (flag & RESPONSE) !== 0;
}

export function isOneWay({ flag }: RemotingCommand): boolean {
  return (flag & ONE_WAY) !== 0;
}
