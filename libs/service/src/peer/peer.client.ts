import { randomBytes } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import { isSigned, NONCE_HEADER, SIGNATURE_HEADER } from '../http/answer-signature.js';
import { boundedText } from './bounded-text.js';
import { fetchFailure } from './fetch-failure.js';

/** The other service gave no answer to act on; the caller decides whether it asks again. */
export class PeerUnansweredError extends Error {
  override readonly name = 'PeerUnansweredError';
}

export interface PeerClientOptions {
  /** What messages call the other service. The setting that holds its address is this in capitals, and `_URL`. */
  readonly name: string;
  /** Where it is: scheme, host and port. */
  readonly url: string;
  /** The secret that both share: its answers must be signed with it. @default any answer is accepted */
  readonly sharedSecret: string | undefined;
  /** The setting that holds the secret, for messages. */
  readonly secretName: string;
}

export interface AskOptions {
  /** Sent as JSON by POST, to a call that may be repeated. @default nothing is sent, by GET */
  readonly body?: object;
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer, in ms. @default 3000 */
  readonly timeoutMs?: number;
  /** Sent besides. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest answer, in bytes. @default 65,536 */
  readonly answerBytesMax?: number;
}

export interface PeerAnswer {
  readonly url: string;
  readonly status: number;
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown;
}

const TIMEOUT_MS = 3000;
const ANSWER_BYTES_MAX = 65_536;
const NONCE_BYTES = 16;

/**
 * Asks another service of ours. What it answers may decide what becomes of a transaction, so the answer is bounded
 * in time and length, redirects are refused, and with a shared secret only a signed answer counts. What a status means is
 * for the caller to decide: the 404 of a proxy, or of a wrong address, says nothing about what was asked for. The signature
 * vouches for the answer, and not for a body that was sent: the caller compares what the answer says about that.
 */
export class PeerClient {
  constructor(private readonly options: PeerClientOptions) {}

  /**
   * @param path - below the service's address, with its prefix; encoded
   * @throws PeerUnansweredError when there is no answer in time, or not one of this service
   */
  async ask(path: string, options: AskOptions = {}): Promise<PeerAnswer> {
    const { timeoutMs = TIMEOUT_MS, answerBytesMax = ANSWER_BYTES_MAX, signal } = options;
    const url = `${this.options.url}${path}`;
    const ending = new Ending(timeoutMs, signal);
    const asking = this.fetch(url, options, ending.signal, answerBytesMax);
    return asking.finally(() => {
      ending.forget();
    });
  }

  /** An answer that says nothing about what was asked for, as the error to throw. */
  unanswered({ url, status, body }: PeerAnswer, about: string): PeerUnansweredError {
    return new PeerUnansweredError(
      `${this.tried(url)} answered ${status}${problemWords(body)}, which says nothing about ${about}`,
    );
  }

  /** The address, and where it comes from. */
  private tried(url: string): string {
    return `${url} (${this.options.name.toUpperCase()}_URL)`;
  }

  /** The signature covers a nonce, so that an old answer cannot be replayed. The shared secret is never sent. */
  private async fetch(
    url: string,
    { body: sent, headers: given }: AskOptions,
    signal: AbortSignal,
    answerBytesMax: number,
  ): Promise<PeerAnswer> {
    const nonce = randomBytes(NONCE_BYTES).toString('hex');
    const requestHeaders: Record<string, string> = { ...given, [NONCE_HEADER]: nonce };
    if (sent !== undefined) requestHeaders['content-type'] = 'application/json';
    inject(requestHeaders);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        ...(sent !== undefined && { method: 'POST', body: JSON.stringify(sent) }),
        ...{ headers: requestHeaders, signal, redirect: 'error' as const },
      });
      text = await boundedText(response, answerBytesMax);
    } catch (error) {
      throw new PeerUnansweredError(`${this.tried(url)} gave no answer: ${fetchFailure(error)}`, {
        cause: error,
      });
    }
    const { status, headers } = response;
    const { sharedSecret, name, secretName } = this.options;
    const { pathname, search } = new URL(url);
    const signed = { nonce, path: `${pathname}${search}`, status, body: text };
    if (sharedSecret === undefined || isSigned(signed, headers.get(SIGNATURE_HEADER), sharedSecret))
      return { url, status, body: parsed(text) };
    throw new PeerUnansweredError(
      `${this.tried(url)} answered ${status}, and not with ${name}'s signature: ${secretName} must be the same at both services`,
    );
  }
}

/** A propagator that throws costs the trace, and not the question. */
function inject(headers: Record<string, string>): void {
  try {
    propagation.inject(context.active(), headers);
  } catch {
    // Asked without a trace.
  }
}

/** A signal that aborts after a time, or with another signal. `AbortSignal.any` would leak memory for as long as the other signal lives. */
class Ending {
  private readonly controller = new AbortController();
  private readonly abort = (): void => {
    this.controller.abort(this.other?.reason);
  };
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly other?: AbortSignal,
  ) {
    this.timer = setTimeout(() => {
      this.controller.abort(new Error(`it did not end within ${timeoutMs} ms`));
    }, timeoutMs);
    other?.addEventListener('abort', this.abort);
    if (other?.aborted) this.abort();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  forget(): void {
    clearTimeout(this.timer);
    this.other?.removeEventListener('abort', this.abort);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a problem document says, such as that the service does not go by the name in the address. */
function problemWords(body: unknown): string {
  const { code, detail } = (body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
  if (typeof code !== 'string') return '';
  return ` ${code.slice(0, 64)}${typeof detail === 'string' ? ` (${detail.slice(0, 200)})` : ''}`;
}
