import { CommandError } from 'txmsg/cli';
import type { Command } from '../command.js';

export const reconcile: Command = {
  words: ['reconcile'],
  parameters: [],
  summary: 'Looks up at bank2 what has been under way for too long, and ends it or sends it again.',
  bank: 'bank1',
  changes: true,
  options: { 'tx-no': { value: 'txNo', meaning: 'only this transfer, and at once' } },
  run: async ({ admin, options, actor, asJson, print }) => {
    const txNo = options['tx-no'];
    const { body } = await admin.post('reconciliation', {
      ...actor,
      ...(txNo === undefined ? {} : { txNo }),
    });
    const { checked, settled, republished, postponed } = body;
    const counts = [
      `${String(checked)} looked up`,
      `${String(settled)} ended`,
      `${String(republished)} sent again`,
      `${String(postponed)} left for later`,
    ];
    print(asJson ? JSON.stringify(body) : `${counts.join(', ')}.`);
    if (postponed !== 0) {
      throw new CommandError("bank2 gave no answer that may be acted on; bank1's log tells why.");
    }
    return 0;
  },
};
