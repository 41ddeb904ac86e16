import { CommandError } from 'txmsg/cli';
import type { Call, Command } from '../command.js';
import { list, printable, printableLines, table } from '../table.js';

interface Summary {
  readonly id: string;
  readonly createTime: string;
  readonly state: string;
  readonly reason: string;
  readonly txNo: string | null;
  readonly detail: string;
}

interface Letter extends Summary {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly messageId: string;
  readonly bornAt: string | null;
  readonly deliveryAttempt: number;
  readonly keys: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly body: { readonly encoding: string; readonly text: string };
  /** Banks of an earlier version do not tell. */
  readonly cut?: { readonly bytes: number; readonly compressed: boolean } | null;
  readonly history: readonly {
    readonly time: string;
    readonly action: string;
    readonly by: string | null;
    readonly outcome: string;
    readonly note: string;
  }[];
}

export const deadLettersList: Command = {
  words: ['dead-letters', 'list'],
  parameters: [],
  summary: 'The messages that could not be handled, oldest first.',
  bank: 'bank2',
  options: {
    state: { value: 'OPEN|REDRIVEN|DISMISSED|ALL', meaning: 'default: OPEN' },
    reason: { value: 'reason', meaning: 'POISON, TX_NO_CONFLICT, HANDLER_FAILED or EXPIRED' },
    'tx-no': { value: 'txNo', meaning: 'of this transfer' },
    group: { value: 'name', meaning: 'of this consumer group' },
    since: { value: 'moment', meaning: 'stored then or later, such as 2026-01-31T08:00:00Z' },
    until: { value: 'moment', meaning: 'stored before' },
    limit: { value: 'number', meaning: 'at most so many, up to 100; default: 20' },
    after: { value: 'id', meaning: 'the page after this one' },
  },
  run: async ({ admin, options, asJson, print }) => {
    const { state = 'OPEN', reason, group, since, until, limit, after } = options;
    const { body } = await admin.get('dead-letters', {
      state: state === 'ALL' ? undefined : state,
      reason,
      txNo: options['tx-no'],
      consumerGroup: group,
      since,
      until,
      limit,
      after,
    });
    const { deadLetters, next } = body as unknown as { deadLetters: Summary[]; next: string | null };
    if (asJson) print(JSON.stringify(body));
    else if (deadLetters.length === 0) print(`${admin.service} has no such dead letters.`);
    else {
      const rows = deadLetters.map((letter) => [
        letter.id,
        letter.createTime,
        letter.state,
        letter.reason,
        letter.txNo ?? '-',
        letter.detail,
      ]);
      print(table(['id', 'stored', 'state', 'reason', 'txNo', 'detail'], rows));
      if (next !== null) print(`There are more: --after ${next}`);
    }
    return 0;
  },
};

export const deadLettersShow: Command = {
  words: ['dead-letters', 'show'],
  parameters: ['id'],
  summary: 'One of them, with its message and what was done about it.',
  bank: 'bank2',
  options: {},
  run: async ({ admin, parameters: [id = ''], asJson, print }) => {
    const { body } = await admin.get(`dead-letters/${encodeURIComponent(id)}`);
    print(asJson ? JSON.stringify(body) : describe(body as unknown as Letter));
    return 0;
  },
};

export const deadLettersRedrive: Command = {
  words: ['dead-letters', 'redrive'],
  parameters: ['id'],
  summary: 'Handles the message again, once its cause is gone.',
  bank: 'bank2',
  changes: true,
  options: {
    'even-if-expired': {
      meaning: 'also when it is so old that nobody can tell whether it was handled before; look first',
    },
  },
  // Not sent unless it is given: a bank of an earlier version refuses a field that it does not know.
  run: (call) => act(call, 'redrive', call.switches.has('even-if-expired') ? { evenIfExpired: true } : {}),
};

export const deadLettersDismiss: Command = {
  words: ['dead-letters', 'dismiss'],
  parameters: ['id'],
  summary:
    'Gives the message up: a transfer (bank2) is refused, and its payer gets the money back; a result (bank1) ends ' +
    'nothing, and reconciliation asks bank2; what cannot be read is only closed.',
  bank: 'bank2',
  changes: true,
  options: {},
  run: (call) => act(call, 'dismiss'),
};

const MEANINGS: Readonly<Record<string, string>> = {
  DONE: 'done',
  DUPLICATE: 'closed: it had been handled before',
  IGNORED: 'closed: the bank has no use for it',
  DROPPED: 'closed: it failed again, but the bank says that no operator needs to see it',
};

async function act(
  { admin, parameters: [id = ''], actor, asJson, print }: Call,
  action: 'redrive' | 'dismiss',
  more: { readonly evenIfExpired?: boolean } = {},
): Promise<number> {
  const { body } = await admin.post(`dead-letters/${encodeURIComponent(id)}/${action}`, {
    ...actor,
    ...more,
  });
  const outcome = String(body.outcome);
  if (asJson) print(JSON.stringify(body));
  if (outcome === 'UNKNOWN') {
    throw new CommandError(
      'The connection to the database broke at COMMIT: repeat the command; it is done once.',
    );
  }
  if (!asJson) print(`Dead letter ${id}: ${MEANINGS[outcome] ?? printable(outcome)}.`);
  return 0;
}

function describe(letter: Letter): string {
  const properties = Object.entries(letter.properties).map(([name, value]) => `${name}=${value}`);
  const facts = list([
    ['id', letter.id],
    ['state', letter.state],
    ['reason', letter.reason],
    ['detail', letter.detail],
    ['txNo', letter.txNo ?? '-'],
    ['consumer group', letter.consumerGroup],
    ['topic', letter.topic],
    ['message id', letter.messageId],
    ['sent', letter.bornAt ?? 'not known'],
    ['stored', `${letter.createTime}, at delivery ${letter.deliveryAttempt}`],
    ...(letter.cut ? [['cut', cutSentence(letter.cut)] as const] : []),
    ['keys', letter.keys.join(' ')],
    ['properties', properties.join(' ')],
  ]);
  const { encoding, text } = letter.body;
  const history = letter.history.map(({ time, action, by, outcome, note }) => [
    time,
    action,
    by ?? '(the bank)',
    outcome,
    note,
  ]);
  return [
    facts,
    '',
    encoding === 'utf8' ? 'body:' : `body (${encoding}):`,
    printableLines(text),
    ...(history.length === 0 ? [] : ['', table(['when', 'what', 'by', 'outcome', 'note'], history, 500)]),
  ].join('\n');
}

function cutSentence({ bytes, compressed }: NonNullable<Letter['cut']>): string {
  const form = compressed ? 'compressed ' : '';
  return `it had ${bytes} ${form}bytes, too many; only the beginning was kept, so it cannot be re-driven`;
}
