import { Injectable } from '@nestjs/common';
import { TccActions, TwoPhaseBusinessAction, type TccAction, type TccCall } from '@txmsg/seata';
import type { NewAccount } from './account.js';
import { accountRows } from './account.rows.js';

/** What the coordinator keeps, and gives back to confirm and cancel. */
interface Input {
  readonly txNo: string;
}

/** Stores the account so that nobody can log in with it; confirm makes it usable, cancel deletes it. */
@Injectable()
export class TccAccountAction implements TccAction<Input, void> {
  /** The coordinator stores inputs as they are, in its own store: a name and a hash go past it. */
  private readonly contents = new WeakMap<Input, NewAccount>();

  constructor(private readonly tcc: TccActions) {}

  /** @throws AccountRefusedError, and what TccActions.try throws */
  async reserve(account: NewAccount): Promise<void> {
    const input: Input = { txNo: account.txNo };
    this.contents.set(input, account);
    await this.tcc.try(this, input);
  }

  @TwoPhaseBusinessAction({ name: 'identity.account' })
  async try({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    const account = this.contents.get(input);
    if (account === undefined) throw new Error('Call reserve: the account itself is not in the input.');
    await accountRows.insert(entityManager, account, 'TCC', xid);
  }

  async confirm({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    await accountRows.confirm(entityManager, input, xid);
  }

  async cancel({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    await accountRows.delete(entityManager, input, xid);
  }
}
