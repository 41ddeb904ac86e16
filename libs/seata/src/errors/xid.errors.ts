import { SeataError } from './seata.error.js';

/** What was brought as an XID is none. HTTP answers 400. */
export class MalformedXidError extends SeataError {
  readonly code = 'SEATA_MALFORMED_XID';

  constructor(
    /** What was brought, cut when it is long. */
    readonly found: string,
  ) {
    super(
      `"${found}" is not the id of a global transaction, which is host:port:number in ASCII with at most 128 characters.`,
    );
  }
}

/** The option `acceptXidFrom` does not let this caller bring a global transaction. HTTP answers 403. */
export class XidNotAcceptedError extends SeataError {
  readonly code = 'SEATA_XID_NOT_ACCEPTED';

  constructor() {
    super(
      'This service does not accept a global transaction from this caller. Call it without the header TX_XID.',
    );
  }
}
