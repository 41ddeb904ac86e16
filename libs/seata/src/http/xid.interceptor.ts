import {
  BadRequestException,
  ForbiddenException,
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { Deadline } from 'txmsg';
import { MalformedXidError, XidNotAcceptedError } from '../errors/index.js';
import { withinGlobalTransaction } from '../tm/global-transaction.context.js';
import { OpenGlobalTransaction } from '../tm/open-global-transaction.js';
import { workTimeoutMs } from '../tm/work-timeout.js';
import { isXid } from '../tm/xid.js';
import { XID_HEADER } from './xid-headers.js';

/** The settings that the interceptor needs; the module exports them, since Nest makes an interceptor anew for each module that uses it. */
export const XID_SETTINGS = Symbol('XID_SETTINGS');

/** A request, as far as it is looked at here. */
export interface IncomingRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * Who may bring a global transaction. The coordinator knows no caller, so who brings an XID decides whether what this service
 * does is committed. `anyone`: right behind a door that only trusted services pass. `nobody`: such requests are refused. A
 * function: for whom it returns true, for example by the request's certificate or token.
 */
export type AcceptXidFrom = 'anyone' | 'nobody' | ((request: IncomingRequest) => boolean);

const FOUND_LENGTH_MAX = 160;

/**
 * Runs the handler as a participant of the global transaction that the header `TX_XID` brings; without the header it changes
 * nothing. It answers 400 to what is no XID, and 403 to a caller that may not bring one: their work would not be undone.
 */
@Injectable()
export class XidInterceptor implements NestInterceptor {
  constructor(
    @Inject(XID_SETTINGS)
    private readonly settings: { readonly acceptXidFrom: AcceptXidFrom; readonly globalTimeoutMs: number },
  ) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (execution.getType() !== 'http') return next.handle();
    const xid = this.xidOf(execution.switchToHttp().getRequest<IncomingRequest>());
    if (xid === undefined) return next.handle();
    const workName = `${execution.getClass().name}.${execution.getHandler().name}`;
    return defer(() => this.participate(xid, workName, next));
  }

  private async participate(xid: string, workName: string, next: CallHandler): Promise<unknown> {
    const deadline = Deadline.in(workTimeoutMs(this.settings.globalTimeoutMs));
    const transaction = new OpenGlobalTransaction(xid, 'PARTICIPANT', deadline);
    const work = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    try {
      const answer = await withinGlobalTransaction(transaction, work);
      // What it throws is answered as an error, so that the initiator rolls back.
      transaction.endAfterWork(workName);
      return answer;
    } finally {
      transaction.end();
    }
  }

  private xidOf(request: IncomingRequest): string | undefined {
    const found = request.headers[XID_HEADER.toLowerCase()];
    if (found === undefined) return undefined;
    if (!this.isAccepted(request)) {
      const cause = new XidNotAcceptedError();
      throw new ForbiddenException(cause.message, { cause });
    }
    if (typeof found === 'string' && isXid(found)) return found;
    const cause = new MalformedXidError(String(found).slice(0, FOUND_LENGTH_MAX));
    throw new BadRequestException(cause.message, { cause });
  }

  private isAccepted(request: IncomingRequest): boolean {
    const { acceptXidFrom } = this.settings;
    // A promise, which JavaScript lets pass for true, is none.
    if (typeof acceptXidFrom === 'function') return (acceptXidFrom(request) as unknown) === true;
    return acceptXidFrom === 'anyone';
  }
}
