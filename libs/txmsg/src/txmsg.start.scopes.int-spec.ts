import { describe, expect, it } from '@jest/globals';
import { problemsOf, receiver, sender, StartingServices } from '../test/starting-service.js';
import { TransactionTemplate } from './index.js';
import { eventually } from './testing/index.js';

describe('starting with one name in two roles', () => {
  const services = StartingServices.forEachTest();

  it('is refused, in a sentence with both: every delivery would count as done', async () => {
    const problems = await problemsOf(services.start([sender('notes', 'group'), receiver('notes', 'group')]));
    expect(problems).toEqual([
      expect.stringContaining(
        '"group" is the producer group of topic "notes" and the consumer group of topic "notes"',
      ),
    ]);
  });

  it('is refused for two transactional topics: the second send of a txNo would count as done', async () => {
    const problems = await problemsOf(
      services.start([sender('topic_a', 'group'), sender('topic_b', 'group')]),
    );
    expect(problems).toEqual([
      expect.stringContaining(
        '"group" is the producer group of topic "topic_a" and the producer group of topic "topic_b"',
      ),
    ]);
  });

  it('is refused between services that share a database, whichever comes first', async () => {
    await services.start([sender('notes', 'group')]);
    expect(
      await problemsOf(services.start([receiver('notes', 'group'), receiver('notes', 'other')])),
    ).toEqual([
      expect.stringContaining(
        '"group" is the consumer group of topic "notes" here, and the producer group of topic "notes"',
      ),
    ]);
    // The service that was refused has claimed none of its names.
    await services.start([sender('other-notes', 'other')]);
    expect(await problemsOf(services.start([sender('more-notes', 'group')]))).toEqual([
      expect.stringContaining("DELETE FROM txmsg_scope WHERE scope = 'group'"),
    ]);
  });

  it('is refused for one of two services that start at the same moment', async () => {
    const roles = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0 ? sender('notes', 'group') : receiver('notes', 'group'),
    );
    const refused = await Promise.all(roles.map((role) => problemsOf(services.start([role]))));
    const started = refused.map((problems) => problems.length === 0);
    expect(started.filter(Boolean)).toHaveLength(3);
    expect(new Set(started.filter((_, index) => index % 2 === 0)).size).toBe(1);
  });

  it('is allowed again when the row of the former use is deleted', async () => {
    await (await services.start([sender('notes', 'group')])).close();
    await services.direct.query("DELETE FROM txmsg_scope WHERE scope = 'group'");
    await services.start([sender('renamed-notes', 'group')]);
  });

  it('is allowed for any number of instances of one service, at once and one after another', async () => {
    const service = [sender('notes', 'senders'), receiver('notes', 'receivers')];
    await Promise.all([services.start(service), services.start(service), services.start(service)]);
    const application = await services.start(service);
    const sent = await application
      .get(TransactionTemplate)
      .sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
    expect(sent).toMatchObject({ state: 'COMMITTED' });
    await eventually(
      async () => (await services.direct.query<unknown[]>('SELECT 1 FROM effect')).length === 1,
    );
  });
});
