import { TxMsgError } from 'txmsg';

/** Another subscriber has this name; nothing was done. */
export class SubscriberNameTakenError extends TxMsgError {
  readonly code = 'WEBHOOKS_NAME_TAKEN';

  constructor(
    /** The name that is already used. */
    readonly subscriberName: string,
  ) {
    super(
      `There is a subscriber named "${subscriberName}" already; nothing was done. Another one needs another name.`,
    );
  }
}
