import { describe, expect, it, jest } from '@jest/globals';
import { Injectable, Logger, Module, type OnModuleInit, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { Note, receiver, sender, StartingServices } from '../test/starting-service.js';
import { DatabaseUnavailableError, MessageListener, TxMsgConfigurationError, TxMsgModule } from './index.js';

/** As when the database goes away after TypeORM has connected, and before the checks. */
@Injectable()
class DatabaseAway implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const { pool } = this.dataSource.driver as unknown as { pool: { getConnection: unknown } };
    pool.getConnection = (callback: (error: Error) => void) => {
      callback(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    };
  }
}

async function failureOf(starting: Promise<unknown>): Promise<unknown> {
  return starting.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the report of a start', () => {
  const services = StartingServices.forEachTest();

  /** With the transport that the options describe, which is refused before it is used. */
  async function startWithOwnTransport(applicationModule: Type): Promise<unknown> {
    const testing = await Test.createTestingModule({ imports: [applicationModule] }).compile();
    const failure = await failureOf(testing.init());
    await testing.close();
    return failure;
  }

  it('names everything that is wrong at once, in the order of options, listeners, names, database', async () => {
    await services.start([sender('notes', 'taken')]);
    await services.direct.query('DROP TABLE dead_letter_action');
    @MessageListener({ topic: '', consumerGroup: 'taken', payload: Note })
    class IdleReceiver {}
    @Module({
      imports: [
        services.typeOrmModule(),
        TxMsgModule.forRoot({
          rocketmq: { endpoints: 'nowhere' },
          sendTimeoutMs: 1,
          handlerAttemptsMax: 0,
          messageLimits: { depthMax: 0 },
          faults: [{ point: 'service:unknown', action: 'throw' }],
          names: { topics: { letters: 'x' } },
        }),
      ],
      providers: [IdleReceiver],
    })
    class Application {}
    const failure = await startWithOwnTransport(Application);
    expect(failure).toBeInstanceOf(TxMsgConfigurationError);
    const { problems, message } = failure as TxMsgConfigurationError;
    expect(new Set(problems.slice(0, 5).map((problem) => problem.split(/[ .:]/)[0]))).toEqual(
      new Set(['messageLimits', 'sendTimeoutMs', 'handlerAttemptsMax', 'faults', 'rocketmq']),
    );
    expect(problems.slice(5)).toEqual([
      expect.stringContaining('IdleReceiver: the topic "" is refused'),
      expect.stringContaining('IdleReceiver has neither onMessage nor onMessages'),
      expect.stringContaining('names.topics["letters"] renames nothing'),
      expect.stringContaining('The database lacks dead_letter_action'),
      expect.stringContaining(
        '"taken" is the consumer group of topic "" here, and the producer group of topic "notes"',
      ),
    ]);
    expect(message.split('\n')).toEqual([
      'The configuration of txmsg is refused (10 problems):',
      ...problems.map((problem, index) => `  ${index + 1}. ${problem}`),
    ]);
    for (const problem of problems) expect(problem).toMatch(/\.$/);
  });

  it('says that the database could not be asked, beside what else is wrong', async () => {
    const failure = await failureOf(
      services.start([DatabaseAway, receiver('notes', 'receivers')], { sendTimeoutMs: 1 }),
    );
    expect((failure as TxMsgConfigurationError).problems).toEqual([
      expect.stringContaining('sendTimeoutMs: 1 is refused'),
      expect.stringMatching(/^The database could not be asked \(.*ECONNREFUSED.*more may be wrong there\.$/),
    ]);
  });

  it('is none when only the database is away: waiting mends that', async () => {
    const failure = await failureOf(services.start([DatabaseAway, receiver('notes', 'receivers')]));
    expect(failure).toBeInstanceOf(DatabaseUnavailableError);
  });

  it('is none, but a warning, when the largest messages might not fit into memory', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const tooLittle = (): string[] =>
      warn.mock.calls.map(([told]) => String(told)).filter((told) => told.includes("of the heap's"));
    await services.start([receiver('notes', 'receivers')]);
    expect(tooLittle()).toEqual([]);
    // A million values take 1 GB, and eight messages are read at a time.
    await services.start([receiver('notes', 'receivers')], { messageLimits: { valuesMax: 1_000_000 } });
    expect(tooLittle()).toEqual([
      expect.stringMatching(/may take \d+ MB of the heap's \d+ MB \(receivers\)/),
    ]);
  });
});
