import { ShutdownSignal } from '@nestjs/common';

/**
 * Ends the process when a clean shutdown takes longer than `timeoutMs`: a frozen database must not keep a service
 * alive after SIGTERM. Nothing is lost by it: what was not finished is redelivered or checked back.
 */
export function limitShutdown(serviceName: string, timeoutMs: number): void {
  const onSignal = (signal: string): void => {
    setTimeout(() => {
      process.stderr.write(
        `${serviceName} did not finish its work within ${timeoutMs} ms after ${signal}.\n`,
      );
      process.exit(1);
    }, timeoutMs).unref();
  };
  process.once(ShutdownSignal.SIGTERM, onSignal);
  process.once(ShutdownSignal.SIGINT, onSignal);
}
