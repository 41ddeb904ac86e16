import { lookup as systemLookup } from 'node:dns';
import { request, type Agent, type Dispatcher } from 'undici';
import { signatureHeaders } from '../secret/signature.js';
import { ForbiddenAddressError } from './address-rules.js';
import type { CallOutcome, CallResult } from './call-result.js';
import { createAgent, type Lookup } from './guarded-agent.js';
import { LookupTimeoutError, NameLookups } from './name-lookups.js';

/** How much of an answer is recorded. */
const ANSWER_BYTES_KEPT = 1024;
const DETAIL_CHARACTERS_MAX = 500;

export interface CallLimits {
  /** For lookup, connection and TLS together, in ms. */
  readonly connectTimeoutMs: number;
  /** @default the system's */
  readonly lookup?: Lookup | undefined;
  /** From the call to the end of its answer, in ms. */
  readonly callTimeoutMs: number;
  /** How much of an answer is read; the rest is cut off with its connection. */
  readonly answerBytesMax: number;
  /** Whether calls may go to `http:` without `allowPrivateAddresses`. */
  readonly allowHttp: boolean;
  readonly userAgent: string;
}

/** Whom to call, and with what. */
export interface WebhookCall {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  /** Of the call: what is signed. */
  readonly time: Date;
  /** Those that are valid now. */
  readonly secrets: readonly string[];
  readonly expectBody: string | undefined;
  readonly allowPrivateAddresses: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** The body was longer than may be read. */
  readonly isCut: boolean;
  readonly retryAfter: string | undefined;
}

/**
 * `close` cut the call before its answer was read. Whether the receiver has acted is not known, and it has not failed:
 * nothing is to be recorded.
 */
export class CallCutError extends Error {
  override readonly name = 'CallCutError';

  constructor(options: ErrorOptions) {
    super('The call was cut before its answer was read: the service shuts down.', options);
  }
}

/**
 * Makes one call, bounded in time and in the size of its answer, whatever the receiver does. Redirects are not followed, and
 * nothing is decompressed: neither is asked for by what Standard Webhooks promise.
 */
export class WebhookCaller {
  private readonly guarded: Agent;
  private readonly open: Agent;
  private isClosed = false;

  constructor(private readonly limits: CallLimits) {
    const { connectTimeoutMs } = limits;
    const { lookup } = new NameLookups(limits.lookup ?? systemLookup, connectTimeoutMs);
    this.guarded = createAgent(true, { connectTimeoutMs, lookup });
    this.open = createAgent(false, { connectTimeoutMs, lookup });
  }

  /**
   * Whatever the receiver and the network do is a result, never an error.
   * @throws CallCutError when `close` was called before the answer was read
   */
  async call(call: WebhookCall): Promise<CallResult> {
    const began = performance.now();
    const seen: { status?: number } = {};
    const ending = new AbortController();
    const timer = setTimeout(() => {
      ending.abort();
    }, this.limits.callTimeoutMs);
    try {
      const answer = await this.answerTo(call, ending.signal, seen);
      return { ...judged(answer, call.expectBody), durationMs: since(began) };
    } catch (error) {
      const isLate = ending.signal.aborted;
      if (this.isClosed && !isLate) throw new CallCutError({ cause: error });
      const status = seen.status;
      const failure = failed(error, isLate, this.limits.callTimeoutMs);
      const nothing = { answer: Buffer.alloc(0), retryAfter: undefined };
      return { ...failure, ...nothing, status, durationMs: since(began) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Cuts what is still going on. No call may be made after it. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([this.guarded.destroy(), this.open.destroy()]);
  }

  private async answerTo(
    { id, url, body, time, secrets, allowPrivateAddresses }: WebhookCall,
    signal: AbortSignal,
    seen: { status?: number },
  ): Promise<Answer> {
    // The URL was accepted under the options of that time; the options may have become stricter.
    const { protocol, host } = new URL(url);
    if (protocol === 'http:' && !this.limits.allowHttp && !allowPrivateAddresses)
      throw ForbiddenAddressError.notEncrypted(host);
    const response = await request(url, {
      dispatcher: allowPrivateAddresses ? this.open : this.guarded,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': this.limits.userAgent,
        'accept-encoding': 'identity',
        ...signatureHeaders(id, time, body, secrets),
      },
      body,
      signal,
      // The one deadline is the signal's; these would be set anew by every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    seen.status = response.statusCode;
    const read = await readAtMost(response.body, this.limits.answerBytesMax);
    return { status: response.statusCode, ...read, retryAfter: single(response.headers['retry-after']) };
  }
}

async function readAtMost(
  stream: Dispatcher.ResponseData['body'],
  bytesMax: number,
): Promise<Pick<Answer, 'body' | 'isCut'>> {
  // Leaving the loop destroys the stream, which reports that as an error.
  stream.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, bytesMax), isCut: length > bytesMax };
}

function judged(
  { status, body, isCut, retryAfter }: Answer,
  expectBody: string | undefined,
): Omit<CallResult, 'durationMs'> {
  const is = (outcome: CallOutcome, detail = '') => ({
    ...{ outcome, status, detail, retryAfter },
    answer: body.subarray(0, ANSWER_BYTES_KEPT),
  });
  if (status === 410) return is('GONE', 'it wants no calls any more');
  if (status >= 300 && status < 400) return is('REDIRECT', 'redirects are not followed');
  if (status < 200 || status >= 300) return is('REFUSED', `it answered ${status}`);
  if (expectBody === undefined) return is('ACKNOWLEDGED');
  const isExpected = !isCut && body.toString('utf8').trim() === expectBody;
  return isExpected ? is('ACKNOWLEDGED') : is('REFUSED', 'the body is not the one that acknowledges');
}

function failed(error: unknown, isLate: boolean, timeoutMs: number): Pick<CallResult, 'outcome' | 'detail'> {
  if (error instanceof ForbiddenAddressError) return { outcome: 'FORBIDDEN_ADDRESS', detail: told(error) };
  if (isLate) return { outcome: 'TIMEOUT', detail: `no whole answer within ${timeoutMs} ms` };
  const { code } = error as { readonly code?: unknown };
  const hasTimedOut = error instanceof LookupTimeoutError || code === 'UND_ERR_CONNECT_TIMEOUT';
  return { outcome: hasTimedOut ? 'TIMEOUT' : 'NO_ANSWER', detail: told(error) };
}

/** Of several addresses that were tried, each has an error of its own. */
function told(error: unknown): string {
  const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  const messages = errors.map((one) => (one instanceof Error ? one.message : String(one)));
  return [...new Set(messages)].join('; ').slice(0, DETAIL_CHARACTERS_MAX);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
