import { Injectable } from '@nestjs/common';
import { IDENTITY_PREFIX, ProblemCode } from '@txmsg/contracts';
import { BranchClient } from '@txmsg/service/seata';
import { UserSettings } from '../user-settings.js';
import { AccountRegistrationRefusedError, type NewUserAccount } from './account-registration.js';

/** Asks identity to take part in the open global transaction. */
@Injectable()
export class IdentityClient {
  private readonly identity: BranchClient;

  constructor({ identityUrl = '', peerSharedSecret }: UserSettings) {
    this.identity = new BranchClient({
      name: 'identity',
      url: identityUrl,
      // A 200 of somebody else, who makes no branch, would commit a user without an account.
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /** @throws AccountRegistrationRefusedError; PeerUnansweredError when identity may or may not have taken part: roll back */
  async makeAccount({ txNo, pattern, userId, name }: NewUserAccount, password: string): Promise<void> {
    const answer = await this.identity.ask({
      path: `/${IDENTITY_PREFIX}/${pattern.toLowerCase()}/accounts`,
      body: { txNo, userId, name },
      secret: { password },
    });
    if (answer.status === 200) return;
    const { code } = (answer.body ?? {}) as { readonly code?: unknown };
    if (code === ProblemCode.NAME_TAKEN) {
      throw new AccountRegistrationRefusedError(
        code,
        `The name "${name}" has a login account, or may get one by a registration that is still open.`,
      );
    }
    throw this.identity.unanswered(answer, `the account of ${txNo}`);
  }
}
