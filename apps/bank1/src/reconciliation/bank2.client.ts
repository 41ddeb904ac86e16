import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { context, propagation } from '@opentelemetry/api';
import { isSigned, NONCE_HEADER, SIGNATURE_HEADER } from '@txmsg/bank';
import {
  isIdentifier,
  isNormalAmount,
  ProblemCode,
  TRANSFER_OUTCOMES,
  type TransferOutcome,
} from '@txmsg/contracts';
import { Bank1Settings } from '../bank1-settings.js';
import { boundedText } from './bounded-text.js';

/** What bank2 says about a txNo. */
export interface Bank2Transfer {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: TransferOutcome;
  readonly reason: string | null;
}

/** bank2 gave no answer that says what it did; it is asked again in a later round. */
export class Bank2UnansweredError extends Error {
  override readonly name = 'Bank2UnansweredError';
}

const TIMEOUT_MS = 3000;
/** The answer about one transfer has a few hundred bytes. */
const ANSWER_BYTES_MAX = 65_536;
const NONCE_BYTES = 16;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asks bank2 what it did with a transfer. */
@Injectable()
export class Bank2Client {
  constructor(private readonly settings: Bank1Settings) {}

  /**
   * `NOT_FOUND` only for bank2's own 404 document: the 404 of a proxy, or of a wrong address, says nothing about a
   * transfer.
   *
   * @param signal - aborts the request
   * @throws Bank2UnansweredError
   */
  async find(
    txNo: string,
    signal?: AbortSignal,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Bank2Transfer | 'NOT_FOUND'> {
    const url = `${this.settings.bank2Url}/bank2/transfers/${encodeURIComponent(txNo)}`;
    const ending = new Ending(timeoutMs, signal);
    const { status, text } = await this.ask(url, ending.signal).finally(() => {
      ending.forget();
    });
    const body = parsed(text);
    if (status === 200 && isTransfer(body) && body.txNo === txNo) return body;
    if (status === 404 && isOwnNotFound(body, txNo)) return 'NOT_FOUND';
    throw new Bank2UnansweredError(
      `${url} answered ${status}${problemWords(body)}, which says nothing about the transfer`,
    );
  }

  /** The signature covers a nonce, so that an old answer cannot be replayed. Nothing secret is sent. */
  private async ask(url: string, signal: AbortSignal): Promise<Answer> {
    const nonce = randomBytes(NONCE_BYTES).toString('hex');
    const requestHeaders = { [NONCE_HEADER]: nonce };
    propagation.inject(context.active(), requestHeaders);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { headers: requestHeaders, signal, redirect: 'error' });
      text = await boundedText(response, ANSWER_BYTES_MAX);
    } catch (error) {
      throw new Bank2UnansweredError(`${url} gave no answer`, { cause: error });
    }
    const { status, headers } = response;
    const { bankSharedSecret: secret } = this.settings;
    const answer = { nonce, path: new URL(url).pathname, status, body: text };
    if (secret === undefined || isSigned(answer, headers.get(SIGNATURE_HEADER), secret))
      return { status, text };
    throw new Bank2UnansweredError(
      `${url} answered ${status}, and not with bank2's signature: BANK_SHARED_SECRET must be the same at both banks`,
    );
  }
}

/** A signal that aborts after a time, or with another signal. `AbortSignal.any` would leak memory for as long as the other signal lives. */
class Ending {
  private readonly controller = new AbortController();
  private readonly abort = (): void => {
    this.controller.abort();
  };
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly other?: AbortSignal,
  ) {
    this.timer = setTimeout(this.abort, timeoutMs);
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

function isOwnNotFound(body: unknown, txNo: string): boolean {
  const { code, txNo: about } = (body ?? {}) as { code?: unknown; txNo?: unknown };
  return code === ProblemCode.TRANSFER_NOT_FOUND && about === txNo;
}

function isTransfer(body: unknown): body is Bank2Transfer {
  const { txNo, accountNo, toAccountNo, amount, state, reason } = (body ?? {}) as Record<string, unknown>;
  return (
    [txNo, accountNo, toAccountNo].every((value) => isIdentifier(value)) &&
    isNormalAmount(amount) &&
    TRANSFER_OUTCOMES.includes(state as TransferOutcome) &&
    (reason === null || typeof reason === 'string')
  );
}

/** What a problem document says, such as that bank2 does not go by the name of BANK2_URL. */
function problemWords(body: unknown): string {
  const { code, detail } = (body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
  if (typeof code !== 'string') return '';
  return ` ${code.slice(0, 64)}${typeof detail === 'string' ? ` (${detail.slice(0, 200)})` : ''}`;
}
