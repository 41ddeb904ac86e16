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

/** Where order and stock listen unless they are told otherwise. */
export const ORDER_PORT = 8081;
export const STOCK_PORT = 8082;

/** The first segment of every path of these two. */
export const ORDER_PREFIX = 'order';
export const STOCK_PREFIX = 'stock';

/** Orders on their way from order to stock; its message type at the broker is TRANSACTION. */
export const ORDER_TOPIC = 'topic_order_txmsg';
/** Orders that were cancelled after they were made, from order to stock; NORMAL, as the next two are. */
export const ORDER_CANCEL_TOPIC = 'topic_order_cancel';
/** Orders whose pieces stock has deducted. */
export const STOCK_DEDUCTED_TOPIC = 'topic_stock_deducted';
/** The compensation: orders that stock has refused for good. */
export const ORDER_ROLLBACK_TOPIC = 'topic_tx_rollback_msg';

export const ORDER_PRODUCER_GROUP = 'producer_group_txmsg_order';
export const ORDER_DEDUCTED_CONSUMER_GROUP = 'consumer_group_txmsg_order_deducted';
export const ORDER_ROLLBACK_CONSUMER_GROUP = 'consumer_group_txmsg_order_rollback';
export const STOCK_CONSUMER_GROUP = 'consumer_group_txmsg_stock';
export const STOCK_CANCEL_CONSUMER_GROUP = 'consumer_group_txmsg_stock_cancel';

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

export const USER_PORT = 56091;
export const USER_PREFIX = 'user';
export const POINTS_PORT = 56092;
export const POINTS_PREFIX = 'points';

/** Users who have registered; its message type at the broker is NORMAL. */
export const USER_REGISTERED_TOPIC = 'topic_user_registered';
export const POINTS_CONSUMER_GROUP = 'consumer_group_points_user_registered';

/** Where pay listens unless it is told otherwise, and the first segment of its paths. */
export const PAY_PORT = 56085;
export const PAY_PREFIX = 'pay';

/** What became of payments, for whoever the money is for; its message type at the broker is NORMAL. */
export const NOTIFY_TOPIC = 'topic_notifymsg';
export const BANK1_TOP_UP_CONSUMER_GROUP = 'consumer_group_notifymsg_bank1';

/** Where the custody bank listens unless it is told otherwise, and the first segment of its paths. */
export const CUSTODY_PORT = 56087;
export const CUSTODY_PREFIX = 'custody';

/** What custody decided about requests for accounts; its message type at the broker is NORMAL. */
export const CUSTODY_RESULT_TOPIC = 'topic_custody_result';

/** Where notifier listens unless it is told otherwise, and the first segment of its paths. */
export const NOTIFIER_PORT = 56086;
export const NOTIFIER_PREFIX = 'notifier';

export const NOTIFIER_TOP_UP_CONSUMER_GROUP = 'consumer_group_notifymsg_notifier';
export const NOTIFIER_CUSTODY_CONSUMER_GROUP = 'consumer_group_custody_notifier';

/** The types of the webhooks that notifier sends; the data is the body of the message. */
export const TOP_UP_WEBHOOK = 'topup.result';
export const CUSTODY_WEBHOOK = 'custody.result';

/** Where the banks with two-phase commit listen unless they are told otherwise, and the first segment of their paths. */
export const SEATA_BANK1_PORT = 56181;
export const SEATA_BANK1_PREFIX = 'bank1';
export const SEATA_BANK2_PORT = 56182;
export const SEATA_BANK2_PREFIX = 'bank2';

/** Where identity, which has the login accounts, listens unless it is told otherwise, and the first segment of its paths. */
export const IDENTITY_PORT = 56183;
export const IDENTITY_PREFIX = 'identity';
