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

/** Where trading and repayment listen unless they are told otherwise. */
export const TRADING_PORT = 56093;
export const REPAYMENT_PORT = 56094;

/** The first segment of every path of these two. */
export const TRADING_PREFIX = 'trading';
export const REPAYMENT_PREFIX = 'repayment';

/** Projects that were approved, on their way from trading to repayment; its message type at the broker is TRANSACTION. */
export const REVIEW_TOPIC = 'topic_review_txmsg';

export const TRADING_PRODUCER_GROUP = 'producer_group_txmsg_trading';
export const REPAYMENT_CONSUMER_GROUP = 'consumer_group_txmsg_repayment';
