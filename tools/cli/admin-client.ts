import type { Bank } from '@txmsg/bank/provisioning';
import { CommandError, UsageError } from 'txmsg/cli';
import { printableLines } from './table.js';

/** Reconciliation looks up to 50 transfers up, one after another, each for 3 s at most. */
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

/** The admin routes of one bank. */
export class AdminClient {
  constructor(
    readonly bank: Bank,
    private readonly origin: string,
    private readonly token: string,
  ) {}

  /** Parameters that are undefined are left out. @throws CommandError, UsageError: the problem in one sentence */
  get(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<AdminAnswer> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
    return this.call('GET', `${path}${search}`);
  }

  /** @throws CommandError, UsageError: the problem in one sentence */
  post(path: string, body: object): Promise<AdminAnswer> {
    return this.call('POST', path, JSON.stringify(body));
  }

  private async call(method: 'GET' | 'POST', path: string, body?: string): Promise<AdminAnswer> {
    const url = `${this.origin}/${this.bank}/admin/${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
      });
      text = await response.text();
    } catch (error) {
      throw new CommandError(`${this.bank} does not answer at ${this.origin} (${causeOf(error)}).`);
    }
    const answer = parseObject(text);
    if (answer === undefined) {
      throw new CommandError(`${url} answered ${response.status} without JSON: is that ${this.bank}?`);
    }
    if (!response.ok) throw problem(answer, this.bank);
    return { status: response.status, body: answer };
  }
}

function problem(body: Readonly<Record<string, unknown>>, bank: Bank): Error {
  const { detail, code, errors } = body as Partial<Problem>;
  if (code === 'INVALID_INPUT' && errors !== undefined) {
    const lines = errors.map(
      ({ field, value, rule }) =>
        `  ${field}${value === undefined ? '' : ` ${JSON.stringify(value)}`} ${rule}`,
    );
    return new UsageError([`${bank} refuses the input:`, ...lines].join('\n'));
  }
  return new CommandError(
    `${bank}: ${printableLines(detail ?? 'it gives no reason')} (${code ?? 'no code'})`,
  );
}

/** fetch hides the reason in `cause`. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message)
    : message;
}

function parseObject(text: string): AdminAnswer['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as AdminAnswer['body']) : undefined;
  } catch {
    return undefined;
  }
}
