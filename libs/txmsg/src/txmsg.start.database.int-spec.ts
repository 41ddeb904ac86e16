import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { problemsOf, receiver, StartingServices } from '../test/starting-service.js';

describe('starting with a database that is not prepared', () => {
  const services = StartingServices.forEachTest();

  it('says which tables are missing, and what makes them', async () => {
    await services.direct.query('DROP TABLE dead_letter_action, local_message');
    const problems = await problemsOf(services.start([receiver('notes', 'receivers')]));
    expect(problems).toEqual([expect.stringMatching(/local_message, dead_letter_action.*sql\/txmsg\.sql/)]);
  });

  it('says which table is not as this version needs it', async () => {
    await services.direct.query('ALTER TABLE dead_letter RENAME COLUMN state TO old_state');
    const problems = await problemsOf(services.start([receiver('notes', 'receivers')]));
    expect(problems).toEqual([
      expect.stringMatching(/^The table dead_letter is not as this version needs it \(Unknown column/),
    ]);
  });

  it('says which rights the account lacks', async () => {
    const name = new URL(services.url).pathname.slice(1);
    const account = name.slice(-20);
    await services.direct.query(`CREATE USER '${account}'@'%' IDENTIFIED BY 'secret'`);
    await services.direct.query(`GRANT SELECT ON \`${name}\`.* TO '${account}'@'%'`);
    await services.direct.query(`GRANT INSERT ON \`${name}\`.\`txmsg_identity\` TO '${account}'@'%'`);
    const limited = new URL(services.url);
    limited.username = account;
    limited.password = 'secret';
    try {
      const problems = await problemsOf(services.start([receiver('notes', 'receivers')], {}, limited.href));
      expect(problems).toEqual([
        expect.stringMatching(/INSERT, UPDATE, DELETE on de_duplication.*INSERT, UPDATE on dead_letter\b/),
      ]);
      expect(problems[0]).not.toContain('txmsg_identity');
    } finally {
      await services.direct.query(`DROP USER '${account}'@'%'`);
    }
  });

  it('warns of messages that wait for a topic which nobody publishes any more', async () => {
    const insert = "INSERT INTO local_message (topic, tx_no, body, state) VALUES (?, 'n-1', '{}', ?)";
    for (const [topic, state] of [
      ['old_name', 'PENDING'],
      ['new_name', 'PENDING'],
      ['long_gone', 'PUBLISHED'],
    ])
      await services.direct.query(insert, [topic, state]);
    const warn = jest.spyOn(Logger.prototype, 'warn');
    warn.mockClear();
    await services.start([], { outbox: { topics: ['news'] }, names: { topics: { news: 'new_name' } } });
    const warned = warn.mock.calls
      .map(([message]) => String(message))
      .filter((text) => text.includes('_name'));
    warn.mockRestore();
    expect(warned).toEqual([expect.stringMatching(/wait to be published to "old_name", which/)]);
  });
});
