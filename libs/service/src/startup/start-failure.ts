import { TxMsgConfigurationError } from 'txmsg';
import { SettingsError } from '../configuration/settings.error.js';
import { StartupError } from './startup.error.js';

interface ListenError {
  readonly code?: unknown;
}

/** The lines that tell an operator why a service did not start; a stack only for what nobody foresaw. */
export function startFailureLines(serviceName: string, error: unknown): string[] {
  return reasons(error).map((reason) => `${serviceName} cannot start: ${reason}`);
}

/** Turns an error of `listen` into a sentence; other errors pass. */
export function listenFailure(error: unknown, host: string, port: number): unknown {
  switch ((error as ListenError).code) {
    case 'EADDRINUSE':
      return new StartupError(
        `Port ${port} on ${host} is already in use by another program; set PORT to a free one.`,
      );
    case 'EACCES':
      return new StartupError(
        `Port ${port} on ${host} is not open to this user; set PORT to one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`HOST ${host} is no address of this machine.`);
    default:
      return error;
  }
}

function reasons(error: unknown): readonly string[] {
  if (error instanceof SettingsError || error instanceof TxMsgConfigurationError) return error.problems;
  if (error instanceof StartupError) return [error.message];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
