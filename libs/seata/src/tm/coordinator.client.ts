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

  /** @returns how far it has come; a refusal has a status too, which may say that it will commit */
  async end(asked: EndRequest, xid: string, deadline: Deadline): Promise<GlobalStatus> {
    const { globalStatus } = await this.channel.call({ type: asked, xid, extraData: '' }, deadline);
    return globalStatusOf(globalStatus);
  }

  /** How far the coordinator says that it has come. Never enough to take it for committed or rolled back. */
  async status(xid: string, deadline: Deadline): Promise<GlobalStatus> {
    const { globalStatus } = await this.channel.call({ type: 'Status', xid, extraData: '' }, deadline);
    return globalStatusOf(globalStatus);
  }
}
