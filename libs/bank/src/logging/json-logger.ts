import { ConsoleLogger } from '@nestjs/common';
import { logLevelsFrom, type LogLevelName } from './log-level.js';

/**
 * One JSON object a line. Fields that come with a message (`logger.warn('…', { txNo })`, or a message object)
 * become fields of that line, so that one search for a txNo finds all that was logged about the transfer.
 */
export function createJsonLogger(level: LogLevelName): ConsoleLogger {
  return new JsonLogger({ json: true, flattenParams: true, logLevels: logLevelsFrom(level) });
}

/** Nest reports a failed start under this name, with its stack; `runBank` tells the same in a sentence. */
const START_FAILURE_CONTEXT = 'ExceptionHandler';

type LineOptions = Parameters<ConsoleLogger['printAsJson']>[1];

class JsonLogger extends ConsoleLogger {
  protected override printAsJson(message: unknown, options: LineOptions): void {
    if (options.context === START_FAILURE_CONTEXT) return;
    if (!isMessageObject(message)) {
      super.printAsJson(message, options);
      return;
    }
    const { message: text, ...fields } = message;
    super.printAsJson(text, { ...options, params: { ...fields, ...options.params } });
  }
}

function isMessageObject(message: unknown): message is { message: string } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'message' in message &&
    typeof message.message === 'string'
  );
}
