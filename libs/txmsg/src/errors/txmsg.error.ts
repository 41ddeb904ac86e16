/** Base of every error that the entry `txmsg` throws on purpose; other entries have errors of their own. `code` is stable and meant for programs. */
export abstract class TxMsgError extends Error {
  /** Identifies the cause: `TXMSG_…`, the same in every version. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
