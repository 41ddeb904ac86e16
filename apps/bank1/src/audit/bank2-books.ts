import { adminProof, boundedText, fetchFailure } from '@txmsg/service';
import { AuditUnreadableError, BooksOfLines, QUERY_TIMEOUT_MS, type OpenBooks } from '@txmsg/bank/audit';
import type { Bank1Settings } from '../bank1-settings.js';

/** bank2 does not let this bank read its books; trying again changes nothing. */
export class BooksRefusedError extends AuditUnreadableError {}

/** The longest silence in the middle of an answer. The line of the accounts takes bank2 two statements. */
const SILENCE_MAX_MS = 2 * QUERY_TIMEOUT_MS + 30_000;
const PROBLEM_LENGTH_MAX = 1000;
const PROBLEM_BYTES_MAX = 65_536;
/** The longest is that of the wrong accounts, of which 100 are listed. */
const LINE_LENGTH_MAX = 262_144;

/**
 * bank2's books as they are now, through its admin call. The request proves that this bank knows the token without
 * sending it, because another server may answer at that address.
 *
 * @throws AuditUnreadableError, BooksRefusedError
 */
export async function openBank2Books(
  settings: Pick<Bank1Settings, 'bank2Url' | 'bank2AdminToken' | 'adminToken'>,
  silenceMaxMs = SILENCE_MAX_MS,
  stopping?: AbortSignal,
): Promise<OpenBooks> {
  const url = `${settings.bank2Url}/bank2/admin/books`;
  const token = settings.bank2AdminToken ?? settings.adminToken ?? '';
  const place = `${url} (BANK2_URL)`;
  const stream = new BoundedStream(url, place, silenceMaxMs, stopping);
  try {
    const response = await stream.open(adminProof(token, new URL(url).pathname));
    if (response.status !== 200) throw await refusal(response, place, stream);
    return await BooksOfLines.open('bank2', stream.lines(response), () => {
      stream.abort();
    });
  } catch (error) {
    stream.abort();
    throw error;
  }
}

/** An answer of any length, of which each part must arrive within the time limit. */
class BoundedStream {
  private readonly aborting = new AbortController();

  constructor(
    private readonly url: string,
    /** The address and where it comes from, for messages. */
    private readonly place: string,
    private readonly silenceMaxMs: number,
    stopping?: AbortSignal,
  ) {
    const { signal } = this.aborting;
    const abort = (): void => {
      this.abort();
    };
    stopping?.addEventListener('abort', abort, { signal });
    if (stopping?.aborted) abort();
  }

  abort(): void {
    this.aborting.abort();
  }

  open(authorization: string): Promise<Response> {
    const { signal } = this.aborting;
    return this.inTime(() => fetch(this.url, { headers: { authorization }, redirect: 'error', signal }));
  }

  text(response: Response): Promise<string> {
    return this.inTime(() => boundedText(response, PROBLEM_BYTES_MAX));
  }

  async *lines({ body }: Response): AsyncGenerator<string> {
    if (body === null) return;
    const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
    const decoder = new TextDecoder();
    let begun = '';
    for (;;) {
      const { done, value } = await this.inTime(() => reader.read());
      if (done) break;
      const [first = '', ...further] = decoder.decode(value, { stream: true }).split('\n');
      begun += first;
      if (begun.length > LINE_LENGTH_MAX)
        throw new AuditUnreadableError(`bank2 sent a line without end at ${this.place}.`);
      for (const next of further) {
        yield begun;
        begun = next;
      }
    }
    if (begun !== '') yield begun;
  }

  private async inTime<T>(work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.aborting.abort(new Error(`silence for ${this.silenceMaxMs} ms`));
    }, this.silenceMaxMs);
    try {
      return await work();
    } catch (error) {
      throw new AuditUnreadableError(`bank2 gave no whole answer at ${this.place}: ${fetchFailure(error)}.`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

async function refusal(
  response: Response,
  place: string,
  stream: BoundedStream,
): Promise<AuditUnreadableError> {
  const { detail = 'it gives no reason' } = problemOf(await stream.text(response));
  const answer = `bank2 answered ${response.status} at ${place}: ${detail}`;
  if (response.status >= 500) return new AuditUnreadableError(answer);
  return new BooksRefusedError(
    `${answer} (BANK2_ADMIN_TOKEN must be the ADMIN_TOKEN that bank2 was started with, and the clocks of both banks must agree within a minute.)`,
  );
}

function problemOf(text: string): { readonly detail?: string } {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? { detail: detail.slice(0, PROBLEM_LENGTH_MAX) } : {};
  } catch {
    return {};
  }
}
