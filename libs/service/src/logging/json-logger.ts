import { ConsoleLogger } from '@nestjs/common';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { logLevelsFrom, type LogLevelName } from './log-level.js';

/**
 * One JSON object a line. Fields that come with a message (`logger.warn('…', { txNo })`, or a message object)
 * become fields of that line, so that one search for a txNo finds all that was logged about it. What is
 * logged within a span carries its `trace_id` and `span_id`.
 */
export function createJsonLogger(level: LogLevelName): ConsoleLogger {
  return new JsonLogger({ json: true, flattenParams: true, logLevels: logLevelsFrom(level) });
}

/** Nest reports a failed start under this name, with its stack; `runService` tells the same in a sentence. */
const START_FAILURE_CONTEXT = 'ExceptionHandler';

const ERROR_FIELDS = new Set(['name', 'message', 'code', 'stack', 'cause', 'errors']);

type LineOptions = Parameters<ConsoleLogger['printAsJson']>[1];
type SerializeError = Parameters<ConsoleLogger['serializeError']>;

class JsonLogger extends ConsoleLogger {
  protected override printAsJson(message: unknown, options: LineOptions): void {
    if (options.context === START_FAILURE_CONTEXT) return;
    const { message: text, ...fields } = isMessageObject(message) ? message : { message };
    const params = { ...fields, ...options.params, ...spanFields() };
    super.printAsJson(text, Object.keys(params).length === 0 ? options : { ...options, params });
  }

  /** Of each error along the causes what tells it: a database's error also holds its statement with all values. */
  protected override serializeError(...given: SerializeError): Record<string, unknown> {
    const serialized = super.serializeError(...given);
    return Object.fromEntries(Object.entries(serialized).filter(([name]) => ERROR_FIELDS.has(name)));
  }
}

function spanFields(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span)
    ? { trace_id: span.traceId, span_id: span.spanId }
    : {};
}

function isMessageObject(message: unknown): message is { message: string } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'message' in message &&
    typeof message.message === 'string'
  );
}
