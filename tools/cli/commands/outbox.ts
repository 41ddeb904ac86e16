import { UsageError } from 'txmsg/cli';
import type { Command } from '../command.js';

export const outboxRepublish: Command = {
  words: ['outbox', 'republish'],
  parameters: [],
  summary: 'Publishes again what was published since a moment, for a broker that lost its store.',
  bank: 'bank2',
  changes: true,
  options: { since: { value: 'moment', meaning: 'such as 2026-01-31T08:00:00Z; required' } },
  run: async ({ admin, options: { since }, actor, asJson, print }) => {
    if (since === undefined)
      throw new UsageError('--since is required: a moment such as 2026-01-31T08:00:00Z.');
    const { body } = await admin.post('outbox/republish', { ...actor, since });
    print(asJson ? JSON.stringify(body) : `${String(body.republished)} messages are published again.`);
    return 0;
  },
};
