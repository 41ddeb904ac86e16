import type { Deadline } from 'txmsg';
import type { CoordinatorChannel } from '../channel/index.js';
import { CoordinatorRefusedError, MalformedFrameError } from '../errors/index.js';
import { globalStatusOf, type GlobalStatus } from '../wire/index.js';
import type { EndRequest } from './outcome.rule.js';
import { isXid } from './xid.js';

/** What a TM asks of the coordinator. Every call throws CoordinatorUnavailableError (not sent) and CoordinatorTimeoutError (unknown). */
export class CoordinatorClient {
  constructor(private readonly channel: Pick<CoordinatorChannel, 'call'>) {}

  /** @returns the XID @throws CoordinatorRefusedError */
  async begin(name: string, timeoutMs: number, deadline: Deadline): Promise<string> {
    const { result, xid } = await this.channel.call({ type: 'Begin', timeoutMs, name }, deadline);
    if (!result.ok) throw new CoordinatorRefusedError('Begin', result.exceptionCode, result.message);
    if (!isXid(xid)) throw new MalformedFrameError(`"${xid.slice(0, 200)}" as an XID`);
    return xid;
  }

  /**
   * A refusal has a status too, which may say that it will commit. But the server's answer is made with the status Committing
   * or Rollbacking, and keeps it when the server can neither do what was asked nor read how far the transaction has come: that
   * one says nothing. Nor does one that has left the transaction as it was. Seata: AbstractTCInboundHandler.
   * @returns how far it has come
   * @throws CoordinatorRefusedError when that cannot be told from the answer: ask again
   */
  async end(asked: EndRequest, xid: string, deadline: Deadline): Promise<GlobalStatus> {
    const { result, globalStatus } = await this.channel.call({ type: asked, xid, extraData: '' }, deadline);
    const status = globalStatusOf(globalStatus);
    const preset = asked === 'Commit' ? 'Committing' : 'Rollbacking';
    if (!result.ok && (status === preset || status === 'Begin')) {
      throw new CoordinatorRefusedError(asked, result.exceptionCode, result.message);
    }
    return status;
  }

  /** How far the coordinator says that it has come. Never enough to take it for committed or rolled back. */
  async status(xid: string, deadline: Deadline): Promise<GlobalStatus> {
    const { globalStatus } = await this.channel.call({ type: 'Status', xid, extraData: '' }, deadline);
    return globalStatusOf(globalStatus);
  }
}
