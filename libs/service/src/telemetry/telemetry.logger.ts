import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';

const PAUSE_MS = 60_000;
const SHOWN_LENGTH_MAX = 500;

/** What OpenTelemetry complains about, at most once a minute: a collector that is away fails every few seconds. */
export class TelemetryLogger implements DiagLogger {
  private readonly logger = new Logger('Telemetry');
  private quietUntilMs = 0;

  error(...parts: unknown[]): void {
    this.complain(parts);
  }

  warn(...parts: unknown[]): void {
    this.complain(parts);
  }

  info(): void {
    // Not asked for.
  }

  debug(): void {
    // Not asked for.
  }

  verbose(): void {
    // Not asked for.
  }

  /** @param parts - which component complains, often as the first, then of what */
  private complain(parts: readonly unknown[]): void {
    const nowMs = performance.now();
    if (nowMs < this.quietUntilMs) return;
    this.quietUntilMs = nowMs + PAUSE_MS;
    this.logger.warn({
      message: 'telemetry has trouble',
      cause: parts.map(textOf).join(' ').slice(0, SHOWN_LENGTH_MAX),
    });
  }
}

function textOf(part: unknown): string {
  if (part instanceof Error) return String(part);
  return typeof part === 'string' ? part : inspect(part, { depth: 1, breakLength: Infinity });
}
