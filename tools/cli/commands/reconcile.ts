import { CommandError } from 'txmsg/cli';
import type { Command } from '../command.js';

export const reconcile: Command = {
  words: ['reconcile'],
  parameters: [],
  summary:
    'Looks up at the other service what has been under way for too long, and ends it or sends it again.',
  bank: 'bank1',
  changes: true,
  options: {
    'tx-no': { value: 'txNo', meaning: 'only this transfer (bank1) or order (order), and at once' },
    'project-id': { value: 'projectId', meaning: 'with --bank trading: only this project, and at once' },
    'request-no': {
      value: 'requestNo',
      meaning: 'with --bank user: only this request for a custody account, and at once',
    },
  },
  run: async ({ admin, options, actor, asJson, print }) => {
    const { 'tx-no': txNo, 'project-id': projectId, 'request-no': requestNo } = options;
    const { body } = await admin.post('reconciliation', {
      ...actor,
      ...(txNo !== undefined && { txNo }),
      ...(projectId !== undefined && { projectId }),
      ...(requestNo !== undefined && { requestNo }),
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
      throw new CommandError(
        'There was no answer that may be acted on; the log of the service that asks tells why.',
      );
    }
    return 0;
  },
};
