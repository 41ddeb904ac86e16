import { serviceNamed, type ServiceName } from '@txmsg/contracts';
import { CommandError, UsageError } from 'txmsg/cli';
import { call, type Answer } from '../../e2e/kit/http.js';
import { printableLines } from './table.js';

/** A round of reconciliation ends up to 50 transfers, 8 at a time, each within 20 s. */
const ANSWER_DEADLINE_MS = 200_000;

export interface AdminAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Problem {
  readonly detail: string;
  readonly code: string;
  readonly errors: readonly { readonly field: string; readonly value?: unknown; readonly rule: string }[];
}

/** The admin routes of one service. */
export class AdminClient {
  constructor(
    readonly service: ServiceName,
    private readonly origin: string,
    private readonly token: string,
  ) {}

  /** Parameters that are undefined are left out. @throws CommandError, UsageError: the problem in one sentence */
  get(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<AdminAnswer> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
    return this.send('GET', `${path}${search}`);
  }

  /** @throws CommandError, UsageError: the problem in one sentence */
  post(path: string, body: object): Promise<AdminAnswer> {
    return this.send('POST', path, JSON.stringify(body));
  }

  private async send(method: 'GET' | 'POST', path: string, body?: string): Promise<AdminAnswer> {
    const url = `${this.origin}/${serviceNamed(this.service).prefix}/admin/${path}`;
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init: RequestInit = { method, headers, body: body ?? null, redirect: 'error' };
    const { status, body: answer } = await this.answer(url, init);
    if (answer === undefined) {
      throw new CommandError(`${url} answered ${status} without JSON: is that ${this.service}?`);
    }
    if (status >= 300) throw problem(answer, this.service);
    return { status, body: answer };
  }

  private answer(url: string, init: RequestInit): Promise<Answer> {
    return call(url, init, ANSWER_DEADLINE_MS).catch((error: unknown) => {
      throw new CommandError(`${this.service} does not answer at ${this.origin} (${causeOf(error)}).`);
    });
  }
}

function problem(body: Readonly<Record<string, unknown>>, service: ServiceName): Error {
  const { detail, code, errors } = body as Partial<Problem>;
  if (code === 'INVALID_INPUT' && errors !== undefined) {
    const lines = errors.map(
      ({ field, value, rule }) =>
        `  ${field}${value === undefined ? '' : ` ${JSON.stringify(value)}`} ${rule}`,
    );
    return new UsageError([`${service} refuses the input:`, ...lines].join('\n'));
  }
  return new CommandError(
    `${service}: ${printableLines(detail ?? 'it gives no reason')} (${code ?? 'no code'})`,
  );
}

/** fetch keeps the reason in `cause`. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message)
    : message;
}
