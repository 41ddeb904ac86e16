import type { TwoPhasePattern } from '@txmsg/contracts';
import { untruthsTold } from '../calls.js';
import type { Violation } from '../workload.js';
import type { SentTwoPhase } from './two-phase-call.js';

export interface SentRegistration extends SentTwoPhase {
  readonly kind: 'REGISTRATION';
  readonly name: string;
  /** That the caller was told. */
  userId: string | undefined;
}

export interface Person {
  readonly txNo: string;
  readonly userId: string;
  readonly name: string;
}

/** A registration as user has it. */
export interface RegistrationRow extends Person {
  readonly pattern: TwoPhasePattern;
  readonly state: 'OPEN' | 'COMMITTED' | 'ROLLED_BACK';
  /** Its name, as long as nobody else may have it. */
  readonly heldName: string | null;
}

/** A login account as identity has it. */
export interface AccountRow extends Person {
  readonly state: 'RESERVED' | 'ACTIVE';
}

/** What both services hold about registrations when every global transaction has ended. */
export interface RegistrationBooks {
  readonly registrations: readonly RegistrationRow[];
  readonly users: readonly Person[];
  readonly accounts: readonly AccountRow[];
  /** The txNos of the messages about them, which confirm alone writes. */
  readonly published: readonly string[];
}

/** Compares what callers were told with the books: user, account and committed registration, or nothing at all. */
export function judgeRegistrations(
  sent: readonly SentRegistration[],
  { registrations, users, accounts, published }: RegistrationBooks,
): Violation[] {
  const rows = byTxNo(registrations);
  const [userOf, accountOf, told] = [byTxNo(users), byTxNo(accounts), new Set(published)];
  const strangers = [...new Set([...users, ...accounts].map(({ txNo }) => txNo))].filter(
    (txNo) => !rows.has(txNo),
  );
  return [
    ...untruthsTold(sent, ({ txNo }) => rows.get(txNo)?.state === 'COMMITTED'),
    ...sent.flatMap((one) => judgeContents(one, rows.get(one.txNo))),
    ...registrations.flatMap((row) =>
      judgeEnd(row, userOf.get(row.txNo), accountOf.get(row.txNo), told.has(row.txNo)),
    ),
    ...strangers.map((txNo) => ({ txNo, what: `${txNo} has a user or an account, and no registration` })),
  ];
}

function judgeContents(one: SentRegistration, row: RegistrationRow | undefined): Violation[] {
  const { txNo, pattern, name, userId } = one;
  if (row === undefined) return [];
  const isSame = row.pattern === pattern && row.name === name && (userId ?? row.userId) === row.userId;
  return isSame ? [] : [{ txNo, what: `${txNo} was made with other contents, or another user was told` }];
}

/** Whether both services ended it in the same way. */
function judgeEnd(
  row: RegistrationRow,
  user: Person | undefined,
  account: AccountRow | undefined,
  isPublished: boolean,
): Violation[] {
  const { txNo, name, state, heldName, pattern } = row;
  const found =
    `${txNo} is ${state} with ${user === undefined ? 'no user' : 'a user'}, ` +
    `${account === undefined ? 'no account' : `an account that is ${account.state}`} and ${isPublished ? 'a' : 'no'} message`;
  const wrong = [{ txNo, what: found }];
  switch (state) {
    case 'OPEN':
      return [{ txNo, what: `${found}: it has not ended` }];
    case 'ROLLED_BACK':
      if (user !== undefined || account !== undefined || isPublished) return wrong;
      return heldName === null
        ? []
        : [{ txNo, what: `${txNo} is ROLLED_BACK and holds the name ${heldName}` }];
    case 'COMMITTED':
      if (user === undefined || account?.state !== 'ACTIVE' || isPublished !== (pattern === 'TCC'))
        return wrong;
      if (!isSamePerson(row, user) || !isSamePerson(row, account))
        return [{ txNo, what: `${txNo} is another person at user than at identity` }];
      return heldName === name ? [] : [{ txNo, what: `${txNo} is COMMITTED and does not hold its name` }];
  }
}

function isSamePerson(one: Person, other: Person): boolean {
  return one.userId === other.userId && one.name === other.name;
}

function byTxNo<Row extends { readonly txNo: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.txNo, row]));
}
