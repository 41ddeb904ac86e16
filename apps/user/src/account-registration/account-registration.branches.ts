import { Injectable } from '@nestjs/common';
import { TccActions } from '@txmsg/seata';
import type { NewUserAccount } from './account-registration.js';
import { AtUser } from './at-user.js';
import { IdentityClient } from './identity.client.js';
import { TccUserAction } from './tcc-user.action.js';

/** The two branches of a registration, by its pattern. */
@Injectable()
export class AccountRegistrationBranches {
  constructor(
    private readonly tcc: TccActions,
    private readonly tccUser: TccUserAction,
    private readonly atUser: AtUser,
    private readonly identity: IdentityClient,
  ) {}

  /** @throws AccountRegistrationRefusedError, and what keeps the branch from being made */
  async makeUser(user: NewUserAccount, xid: string): Promise<void> {
    if (user.pattern === 'AT') await this.atUser.run(user, xid);
    else await this.tcc.try(this.tccUser, { txNo: user.txNo });
  }

  /** @throws AccountRegistrationRefusedError, PeerUnansweredError */
  makeAccount(user: NewUserAccount, password: string): Promise<void> {
    return this.identity.makeAccount(user, password);
  }
}
