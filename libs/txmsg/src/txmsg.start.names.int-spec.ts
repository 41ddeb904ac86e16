import { describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { problemsOf, receiver, sender, StartingServices } from '../test/starting-service.js';
import { LocalMessageOutbox, TransactionTemplate } from './index.js';
import { eventually } from './testing/index.js';

describe('starting under the names of a deployment', () => {
  const services = StartingServices.forEachTest();

  it('uses them at RocketMQ and in the database, while the code goes on with its own', async () => {
    const NoteSender = sender('notes', 'senders');
    const application = await services.start([NoteSender, receiver('notes', 'receivers')], {
      names: {
        topics: { notes: 'test-notes' },
        producerGroups: { senders: 'test-senders' },
        consumerGroups: { receivers: 'test-receivers' },
      },
    });
    const template = application.get(TransactionTemplate);
    await template.sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
    await template.sendMessageInTransaction(NoteSender, { txNo: '2' }, { txNo: '2' });
    await eventually(
      async () => (await services.direct.query<unknown[]>('SELECT 1 FROM effect')).length === 2,
    );
    const scopes = await services.direct.query<{ scope: string; topic: string }[]>(
      'SELECT DISTINCT scope, topic FROM txmsg_scope JOIN de_duplication USING (scope) ORDER BY scope',
    );
    expect(scopes).toEqual([
      { scope: 'test-receivers', topic: 'test-notes' },
      { scope: 'test-senders', topic: 'test-notes' },
    ]);
    await expect(
      template.sendMessageInTransaction('test-notes', { txNo: '3' }, { txNo: '3' }),
    ).rejects.toThrow('known are: notes');
  });

  it('uses them for the local message table too', async () => {
    const application = await services.start([receiver('results', 'receivers')], {
      outbox: { topics: ['results'] },
      names: { topics: { results: 'test-results' } },
    });
    await application.get(DataSource).transaction(async (manager) => {
      await application.get(LocalMessageOutbox).publish(manager, 'results', { txNo: '1' }, { txNo: '1' });
    });
    await eventually(
      async () => (await services.direct.query<unknown[]>('SELECT 1 FROM effect')).length === 1,
    );
    expect(await services.direct.query('SELECT topic FROM local_message')).toEqual([
      { topic: 'test-results' },
    ]);
  });

  it('exchanges two names, since each is looked up once', async () => {
    const application = await services.start([sender('a', 'of-a'), receiver('b', 'of-b')], {
      names: { topics: { a: 'b', b: 'a' }, consumerGroups: { 'of-b': 'of-a-too' } },
    });
    await application.get(TransactionTemplate).sendMessageInTransaction('a', { txNo: '1' }, { txNo: '1' });
    expect(await services.direct.query('SELECT scope, topic FROM txmsg_scope ORDER BY scope')).toEqual([
      { scope: 'of-a', topic: 'b' },
      { scope: 'of-a-too', topic: 'a' },
    ]);
  });

  it('is refused for an entry that renames nothing, or to nothing', async () => {
    const problems = await problemsOf(
      services.start([sender('notes', 'senders')], {
        names: { topics: { note: 'x' }, producerGroups: { senders: '' } },
      }),
    );
    expect(problems).toEqual([
      expect.stringContaining('producerGroup "" is refused'),
      'names.topics["note"] renames nothing: this service has no such name. It must be a topic of a listener or of outbox.topics, as the code has it; there are: "notes".',
      expect.stringMatching(/^names.producerGroups\["senders"\] is ""; it must be the name to use instead/),
    ]);
  });

  it('is refused for two names that become one, where they must not be', async () => {
    const problems = await problemsOf(
      services.start([sender('a', 'of-a'), sender('b', 'of-b'), receiver('c', 'c-1'), receiver('d', 'd-1')], {
        outbox: { topics: ['e', 'f'] },
        names: {
          topics: { a: 'one', b: 'one', e: 'two', f: 'two' },
          consumerGroups: { 'c-1': 'three', 'd-1': 'three' },
        },
      }),
    );
    expect(problems).toEqual([
      expect.stringContaining('Topic "one" (in the code "b", renamed by names.topics) has two'),
      expect.stringContaining(
        'Consumer group "three" (in the code "d-1", renamed by names.consumerGroups) has two',
      ),
      expect.stringContaining(
        'outbox.topics has the topic "two" (in the code "f", renamed by names.topics) twice',
      ),
    ]);
  });

  it('is refused for a producer group and a consumer group that become one', async () => {
    const problems = await problemsOf(
      services.start([sender('notes', 'senders'), receiver('notes', 'receivers')], {
        names: { producerGroups: { senders: 'one' }, consumerGroups: { receivers: 'one' } },
      }),
    );
    expect(problems).toEqual([
      expect.stringContaining(
        '"one" is the producer group of topic "notes" and the consumer group of topic "notes"',
      ),
    ]);
  });
});
