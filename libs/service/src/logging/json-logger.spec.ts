import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { QueryFailedError } from 'typeorm';
import { createJsonLogger } from './json-logger.js';

describe('createJsonLogger', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('writes one JSON object a line, with txNo as a field of it', () => {
    const lines = capture();
    Logger.overrideLogger(createJsonLogger('log'));
    new Logger('Things').warn('Refused.', { txNo: 't-1' });
    new Logger('Things').error('Failed.', new Error('inside'), { txNo: 't-2' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'warn', message: 'Refused.', context: 'Things', txNo: 't-1' }),
      expect.objectContaining({
        level: 'error',
        message: 'Failed.',
        txNo: 't-2',
        error: expect.objectContaining({ message: 'inside' }),
      }),
    ]);
  });

  it("leaves out of an error the statement and the values that a database's error holds", () => {
    const lines = capture();
    Logger.overrideLogger(createJsonLogger('log'));
    const driverError = Object.assign(new Error('Lock wait timeout exceeded'), {
      ...{ code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205, sql: "UPDATE things SET secret = 'hunter2'" },
    });
    const failed = new QueryFailedError('UPDATE things SET secret = ?', ['hunter2'], driverError);
    for (const error of [failed, new Error('outside', { cause: failed }), new AggregateError([failed])])
      new Logger('Things').error('Failed.', error);
    expect(lines.join('')).not.toMatch(/hunter2|UPDATE things/);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      error: {
        ...{ name: 'Error', message: 'outside', stack: expect.stringContaining('json-logger.spec') },
        cause: {
          name: 'QueryFailedError',
          message: 'Lock wait timeout exceeded',
          code: 'ER_LOCK_WAIT_TIMEOUT',
        },
      },
    });
  });

  it('makes the fields of a message object fields of the line', () => {
    const lines = capture();
    Logger.overrideLogger(createJsonLogger('log'));
    new Logger('Library').log({ message: 'Consumed.', txNo: 't-3' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'Consumed.',
      txNo: 't-3',
      context: 'Library',
    });
  });

  it('carries the ids of the span that it is logged in', () => {
    const lines = capture();
    Logger.overrideLogger(createJsonLogger('log'));
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const span = trace.wrapSpanContext({ ...ids, traceFlags: 1 });
    jest.spyOn(trace, 'getActiveSpan').mockReturnValue(span);
    new Logger('Library').log({ message: 'Consumed.', txNo: 't-3' });
    new Logger('Library').log('Plain.');
    const fields = { trace_id: ids.traceId, span_id: ids.spanId };
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'Consumed.', txNo: 't-3', ...fields });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ message: 'Plain.', ...fields });
  });

  it('leaves out what is less important than its level', () => {
    const lines = capture();
    Logger.overrideLogger(createJsonLogger('warn'));
    new Logger('Things').log('Nobody asked.');
    new Logger('Things').warn('Careful.');
    expect(lines).toHaveLength(1);
  });
});

function capture(): string[] {
  const lines: string[] = [];
  const write = (line: unknown): boolean => lines.push(String(line)) > 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(write);
  jest.spyOn(process.stderr, 'write').mockImplementation(write);
  return lines;
}
