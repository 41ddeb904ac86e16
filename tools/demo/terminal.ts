import type { WriteStream } from 'node:tty';

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const CLEAR_LINE = '\r\u001b[2K';

/** Where the demo writes; the two streams of the process, or a test's. */
export interface TerminalStreams {
  readonly output: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };
  readonly progress: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * Lines for people. The report goes to standard output, with colours on a terminal; what is going on meanwhile
 * goes to standard error, as one line that renews itself on a terminal and as plain lines elsewhere.
 */
export class Terminal {
  private readonly isColoured: boolean;
  private readonly isLive: boolean;
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;
  private doing = '';
  private since = 0;
  private reportEnded = false;

  constructor(
    private readonly streams: TerminalStreams = { output: process.stdout, progress: process.stderr },
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    const isDumb = environment.TERM === 'dumb';
    // https://no-color.org: any value but the empty one turns colour off.
    this.isColoured = streams.output.isTTY === true && !isDumb && !environment.NO_COLOR;
    this.isLive = streams.progress.isTTY === true && !isDumb;
  }

  paint(style: Style, text: string): string {
    return this.isColoured ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }

  line(text = ''): void {
    if (this.reportEnded) return;
    this.erase();
    this.streams.output.write(`${text}\n`);
    this.draw();
  }

  /** From now on `line` writes nothing. */
  endReport(): void {
    this.reportEnded = true;
  }

  /** What is being done now, until the next call or `idle`. */
  progress(doing: string): void {
    if (doing === this.doing) return;
    this.doing = doing;
    if (!this.isLive) {
      this.streams.progress.write(`${doing}\n`);
      return;
    }
    this.since = performance.now();
    this.timer ??= setInterval(() => {
      this.draw();
    }, FRAME_MS).unref();
    this.draw();
  }

  /** Nothing is being waited for. */
  idle(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
    this.doing = '';
  }

  private draw(): void {
    if (!this.isLive || this.doing === '') return;
    this.frame = (this.frame + 1) % SPINNER.length;
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    const text = `${SPINNER[this.frame] ?? ''} ${this.doing}${seconds > 0 ? ` ${seconds} s` : ''}`;
    // A line that wraps could not be cleared.
    this.streams.progress.write(`${CLEAR_LINE}${text.slice(0, (this.streams.progress.columns ?? 80) - 1)}`);
  }

  private erase(): void {
    if (this.isLive && this.doing !== '') this.streams.progress.write(CLEAR_LINE);
  }
}
