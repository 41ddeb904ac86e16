import { withDeadline } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

/** What is left of it, the server rolls back when the process and its sockets are gone. */
const GOODBYE_TIMEOUT_MS = 1000;

/**
 * A DataSource that a frozen server, or a statement that still runs, does not keep from being closed: the driver says
 * goodbye on every connection behind what was sent there before, and waits for the answer.
 */
export class EndingDataSource extends DataSource {
  override async destroy(): Promise<void> {
    const late = (): Error => new Error(`the database did not let go within ${GOODBYE_TIMEOUT_MS} ms`);
    await withDeadline(super.destroy(), GOODBYE_TIMEOUT_MS, late);
  }
}
