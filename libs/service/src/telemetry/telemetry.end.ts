import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TelemetryModuleOptions } from './telemetry-module.options.js';

/** Sends the last spans, after all that makes some has ended. */
@Injectable()
export class TelemetryEnd implements OnApplicationShutdown {
  constructor(private readonly options: TelemetryModuleOptions) {}

  /** Without a signal it was only a start that failed: the process tries again, and goes on being observed. */
  async onApplicationShutdown(signal?: string): Promise<void> {
    const { telemetry, flushTimeoutMs } = this.options;
    if (signal !== undefined) await telemetry.tracing?.end(flushTimeoutMs);
  }
}
