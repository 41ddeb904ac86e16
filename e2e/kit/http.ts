/** The one way in which tests and tools call a bank by HTTP. */

/** No answer of a bank may take that long; one that hangs is a failed request. */
const ANSWER_DEADLINE_MS = 30_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON object of the body; undefined when it is something else. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface TransferOrder {
  readonly txNo?: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/** @throws Error when the bank ends or hangs instead of answering */
export async function call(
  url: string,
  init: RequestInit = {},
  deadlineMs = ANSWER_DEADLINE_MS,
): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

export function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  deadlineMs?: number,
): Promise<Answer> {
  const json = { 'content-type': 'application/json' };
  return call(url, { method: 'POST', headers: { ...json, ...headers }, body }, deadlineMs);
}

/** `POST /bank1/transfers`. */
export function transfer(
  bank1: { readonly url: string },
  order: TransferOrder,
  deadlineMs?: number,
): Promise<Answer> {
  return postJson(`${bank1.url}/transfers`, JSON.stringify(order), {}, deadlineMs);
}

function parse(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer['body']) : undefined;
  } catch {
    return undefined;
  }
}
