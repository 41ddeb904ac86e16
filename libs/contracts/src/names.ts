/** Where the banks listen unless they are told otherwise. */
export const BANK1_PORT = 56081;
export const BANK2_PORT = 56082;

/** The first segment of every path of a bank. */
export const BANK1_PREFIX = 'bank1';
export const BANK2_PREFIX = 'bank2';

/** Transfers on their way from bank1 to bank2; its message type at the broker is TRANSACTION. */
export const TRANSFER_TOPIC = 'topic_txmsg';
/** What bank2 did with them; its message type at the broker is NORMAL. */
export const RESULT_TOPIC = 'topic_txmsg_result';

export const BANK1_PRODUCER_GROUP = 'producer_group_txmsg_bank1';
export const BANK2_CONSUMER_GROUP = 'consumer_group_txmsg_bank2';
export const BANK1_RESULT_CONSUMER_GROUP = 'consumer_group_txmsg_bank1_result';

/** The accounts of the seed data: what the bare classic call moves money between. */
export const DEFAULT_PAYER_ACCOUNT_NO = '1';
export const DEFAULT_PAYEE_ACCOUNT_NO = '2';
