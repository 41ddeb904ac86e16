import { TxMsgError } from 'txmsg';

/** Base of every error that this library throws on purpose. `code` is stable and meant for programs: `SEATA_…`. */
export abstract class SeataError extends TxMsgError {}
