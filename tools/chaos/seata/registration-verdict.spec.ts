import { describe, expect, it } from '@jest/globals';
import {
  judgeRegistrations,
  type AccountRow,
  type RegistrationBooks,
  type RegistrationRow,
  type SentRegistration,
} from './registration-verdict.js';

const PERSON = { txNo: 't', userId: 'u', name: 'n' };
const told = (...statuses: (number | undefined)[]): SentRegistration => ({
  ...{ txNo: 't', kind: 'REGISTRATION', pattern: 'TCC', name: 'n', userId: undefined, statuses },
  isAskedAtRest: false,
});
const row = (changes: Partial<RegistrationRow> = {}): RegistrationRow => ({
  ...PERSON,
  ...{ pattern: 'TCC', state: 'COMMITTED', heldName: 'n' },
  ...changes,
});
const account = (changes: Partial<AccountRow> = {}): AccountRow => ({
  ...PERSON,
  state: 'ACTIVE',
  ...changes,
});
const books = (changes: Partial<RegistrationBooks> = {}): RegistrationBooks => ({
  ...{ registrations: [row()], users: [PERSON], accounts: [account()], published: ['t'] },
  ...changes,
});
const nothing = { registrations: [], users: [], accounts: [], published: [] };
const rolledBack = { ...nothing, registrations: [row({ state: 'ROLLED_BACK', heldName: null })] };

describe('judgeRegistrations', () => {
  it.each([
    ['committed', told(201), books()],
    [
      'committed under AT',
      { ...told(201), pattern: 'AT' },
      books({ registrations: [row({ pattern: 'AT' })], published: [] }),
    ],
    ['rolled back', told(409), books(rolledBack)],
    ['told that nothing was done', told(503), books(nothing)],
  ] as const)('is content with a registration that was %s', (_how, sent, all) => {
    expect(judgeRegistrations([sent], all)).toEqual([]);
  });

  it.each([
    ['was answered COMMITTED and rolled back', told(201), books(rolledBack)],
    ['was answered ROLLED_BACK and made', told(409), books()],
    ['nobody can tell about', told(202), books()],
    ['has no account', told(201), books({ accounts: [] })],
    ['has an account that nobody can use', told(201), books({ accounts: [account({ state: 'RESERVED' })] })],
    ['has no user', told(201), books({ users: [] })],
    ['is two persons', told(201), books({ accounts: [account({ userId: 'v' })] })],
    ['has not ended', told(409), books({ ...rolledBack, registrations: [row({ state: 'OPEN' })] })],
    ['was rolled back and left its user', told(409), books({ ...rolledBack, users: [PERSON] })],
    ['was rolled back and left its account', told(409), books({ ...rolledBack, accounts: [account()] })],
    [
      'was rolled back and holds its name',
      told(409),
      books({ ...rolledBack, registrations: [row({ state: 'ROLLED_BACK' })] }),
    ],
    ['was rolled back and told to others', told(409), books({ ...rolledBack, published: ['t'] })],
    ['was committed and told to nobody', told(201), books({ published: [] })],
    ['does not hold its name', told(201), books({ registrations: [row({ heldName: null })] })],
    ['came from nowhere', told(409), books({ ...nothing, accounts: [account()] })],
    ['told its caller another user', { ...told(201), userId: 'v' }, books()],
  ] as const)('names a registration that %s', (_how, sent, all) => {
    expect(judgeRegistrations([sent], all).map(({ txNo }) => txNo)).toEqual(['t']);
  });
});
