import { describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { Note, NOTES, problemsOf, receiver, sender, StartingServices } from '../test/starting-service.js';
import {
  MessageListener,
  TransactionListener,
  TransactionTemplate,
  TxMsgModule,
  type MessageHandler,
} from './index.js';
import { eventually } from './testing/index.js';

describe('starting with listeners that cannot serve', () => {
  const services = StartingServices.forEachTest();

  it('is refused for a controller, which nobody would have called', async () => {
    @Controller()
    @MessageListener({ topic: 'notes', consumerGroup: 'controllers', payload: Note })
    class NotesController {}
    @Module({
      imports: [services.typeOrmModule(), TxMsgModule.forRoot(NOTES)],
      controllers: [NotesController],
    })
    class Application {}
    expect(await problemsOf(services.startModule(Application))).toEqual([
      expect.stringMatching(/^NotesController is a controller/),
    ]);
  });

  it('is refused for classes without their method, each by name', async () => {
    @MessageListener({ topic: 'notes', consumerGroup: 'idle', payload: Note })
    class IdleReceiver {}
    @TransactionListener({ topic: 'notes', producerGroup: 'idle-senders' })
    class IdleSender {}
    expect(await problemsOf(services.start([IdleReceiver, IdleSender]))).toEqual([
      expect.stringMatching(/^IdleSender has neither executeLocalTransaction nor/),
      expect.stringMatching(/^IdleReceiver has neither onMessage nor onMessages/),
    ]);
  });

  it('is refused for the same decorator twice on one class: the first would be lost', async () => {
    @MessageListener({ topic: 'notes', consumerGroup: 'second', payload: Note })
    @MessageListener({ topic: 'letters', consumerGroup: 'first', payload: Note })
    class Both implements MessageHandler<Note> {
      onMessage(): Promise<void> {
        return Promise.resolve();
      }
    }
    expect(await problemsOf(services.start([Both]))).toEqual([
      expect.stringMatching(/^Both carries the same listener decorator 2 times/),
    ]);
  });

  it('is refused for a class that two modules provide, which are named', async () => {
    const listener = receiver('notes', 'receivers');
    @Module({ providers: [listener] })
    class First {}
    @Module({ providers: [listener] })
    class Second {}
    @Module({ imports: [services.typeOrmModule(), TxMsgModule.forRoot(NOTES), First, Second] })
    class Application {}
    expect(await problemsOf(services.startModule(Application))).toEqual([
      expect.stringMatching(/^NoteReceiver is provided twice, in First and in Second/),
    ]);
  });

  it('is refused for two classes of one group', async () => {
    expect(
      await problemsOf(services.start([receiver('notes', 'group'), receiver('letters', 'group')])),
    ).toEqual([
      expect.stringMatching(
        /^Consumer group "group" has two @MessageListener classes \(NoteReceiver, NoteReceiver\)/,
      ),
    ]);
  });

  it('is not refused for a subclass, which inherits the decorator, nor for a second token of one instance', async () => {
    class Successor extends (receiver('notes', 'receivers') as Type<MessageHandler<Note>>) {}
    @Module({
      imports: [services.typeOrmModule(), TxMsgModule.forRoot(NOTES)],
      providers: [Successor, { provide: 'ALIAS', useExisting: Successor }, sender('notes', 'senders')],
    })
    class Application {}
    const application = await services.startModule(Application);
    await application
      .get(TransactionTemplate)
      .sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
    await eventually(
      async () => (await services.direct.query<unknown[]>('SELECT 1 FROM effect')).length === 1,
    );
  });
});
