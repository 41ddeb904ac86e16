import { describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { ModuleRef, REQUEST } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import { Note, NOTES, problemsOf, receiver, sender, StartingServices } from '../test/starting-service.js';
import {
  commit,
  MessageListener,
  TransactionListener,
  TransactionTemplate,
  TxMsgModule,
  type LocalTransactionOutcome,
  type MessageHandler,
} from './index.js';
import { eventually } from './testing/index.js';

@Injectable({ scope: Scope.REQUEST })
class RequestLog {}

@Injectable()
class Ledger {
  constructor(readonly log: RequestLog) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class OwnLog {
  readonly lines: string[] = [];
}

@MessageListener({ topic: 'notes', consumerGroup: 'needy', payload: Note })
class NeedyReceiver implements MessageHandler<Note> {
  constructor(readonly ledger: Ledger) {}
  onMessage(): Promise<void> {
    return Promise.reject(new Error(`never called, log: ${this.ledger.log.constructor.name}`));
  }
}

@Injectable({ scope: Scope.REQUEST })
@TransactionListener({ topic: 'requests', producerGroup: 'requests' })
class RequestSender {
  executeLocalTransaction(): Promise<LocalTransactionOutcome<string, never>> {
    return Promise.resolve(commit('done'));
  }
}

@Injectable({ scope: Scope.TRANSIENT })
@TransactionListener({ topic: 'transients', producerGroup: 'transients' })
class TransientSender extends RequestSender {}

@MessageListener({ topic: 'notes', consumerGroup: 'curious', payload: Note })
class CuriousReceiver extends NeedyReceiver {
  constructor(
    @Inject(REQUEST) readonly request: object,
    ledger: Ledger,
  ) {
    super(ledger);
  }
}

@MessageListener({ topic: 'notes', consumerGroup: 'logging', payload: Note })
class LoggingReceiver implements MessageHandler<Note> {
  constructor(
    private readonly log: OwnLog,
    private readonly moduleRef: ModuleRef,
  ) {}
  async onMessage({ txNo }: Note, manager: EntityManager): Promise<void> {
    const requestLog = await this.moduleRef.resolve(RequestLog, undefined, { strict: false });
    this.log.lines.push(requestLog.constructor.name);
    await manager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, this.log.lines.join()]);
  }
}

describe('starting with a listener that Nest would make for each request', () => {
  const services = StartingServices.forEachTest();

  it('is refused, in a sentence with the class and the dependency', async () => {
    const listeners = [RequestLog, Ledger, NeedyReceiver, CuriousReceiver, RequestSender, TransientSender];
    const problems = await problemsOf(services.start(listeners));
    expect(problems).toEqual([
      expect.stringMatching(/^RequestSender is request-scoped/),
      expect.stringMatching(/^TransientSender is transient/),
      expect.stringMatching(
        /^NeedyReceiver depends on RequestLog \(through Ledger\), which is request-scoped.*ModuleRef/,
      ),
      expect.stringMatching(/^CuriousReceiver depends on REQUEST, which is request-scoped/),
    ]);
  });

  it('is refused also when a factory makes it, whose token is the class', async () => {
    const ForEach = receiver('notes', 'each');
    const ByInjection = receiver('notes', 'injection');

    @Module({
      imports: [services.typeOrmModule(), TxMsgModule.forRoot(NOTES)],
      providers: [
        { provide: ForEach, scope: Scope.REQUEST, useFactory: () => new ForEach() as object },
        { provide: ByInjection, inject: [REQUEST], useFactory: () => new ByInjection() as object },
        // A listener that this service goes without.
        { provide: receiver('notes', 'nobody'), useFactory: () => undefined },
      ],
    })
    class Receivers {}

    expect(await problemsOf(services.startModule(Receivers))).toEqual([
      expect.stringMatching(/^NoteReceiver is request-scoped.*ModuleRef/),
      expect.stringMatching(/^NoteReceiver depends on REQUEST, which is request-scoped.*ModuleRef/),
    ]);
  });

  it('is not refused for a transient dependency of its own, nor for one that it resolves itself', async () => {
    const application = await services.start([
      RequestLog,
      OwnLog,
      LoggingReceiver,
      sender('notes', 'senders'),
    ]);
    await application
      .get(TransactionTemplate)
      .sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
    await eventually(async () => {
      const [row] = await services.direct.query<{ note: string }[]>('SELECT note FROM effect');
      return row?.note === 'RequestLog';
    });
  });
});
