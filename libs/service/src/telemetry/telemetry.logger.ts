import { Logger } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';

const PAUSE_MS = 60_000;
const SHOWN_LENGTH_MAX = 500;

/** What OpenTelemetry complains about, at most once a minute: a collector that is away fails every few seconds. */
export class TelemetryLogger implements DiagLogger {
  private readonly logger = new Logger('Telemetry');
  private quietUntilMs = 0;

  error(message: string): void {
    this.complain(message);
  }

  warn(message: string): void {
    this.complain(message);
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

  private complain(message: string): void {
    const nowMs = performance.now();
    if (nowMs < this.quietUntilMs) return;
    this.quietUntilMs = nowMs + PAUSE_MS;
    this.logger.warn({ message: 'telemetry has trouble', cause: message.slice(0, SHOWN_LENGTH_MAX) });
  }
}
