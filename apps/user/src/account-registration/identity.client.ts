import { Injectable } from '@nestjs/common';
import { IDENTITY_PREFIX, ProblemCode } from '@txmsg/contracts';
import { currentGlobalTransaction, NoGlobalTransactionError, xidHeaders } from '@txmsg/seata';
import { PeerClient } from '@txmsg/service';
import { UserSettings } from '../user-settings.js';
import { AccountRegistrationRefusedError, type NewUserAccount } from './account-registration.js';

/** Asks identity to take part in the open global transaction. */
@Injectable()
export class IdentityClient {
  private readonly peer: PeerClient;

  constructor({ identityUrl = '', peerSharedSecret }: UserSettings) {
    this.peer = new PeerClient({
      name: 'identity',
      url: identityUrl,
      // A 200 of somebody else, who makes no branch, would commit a user without an account.
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /** @throws AccountRegistrationRefusedError; PeerUnansweredError when identity may or may not have taken part: roll back */
  async makeAccount({ txNo, pattern, userId, name }: NewUserAccount, password: string): Promise<void> {
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError('IdentityClient.makeAccount');
    const path = `/${IDENTITY_PREFIX}/${pattern.toLowerCase()}/accounts`;
    await global.branch(async (deadline) => {
      const answer = await this.peer.ask(path, {
        body: { txNo, userId, name, password },
        headers: xidHeaders(),
        timeoutMs: deadline.remainingMs(),
      });
      if (answer.status === 200) return;
      const { code } = (answer.body ?? {}) as { readonly code?: unknown };
      if (code === ProblemCode.NAME_TAKEN) {
        throw new AccountRegistrationRefusedError(
          code,
          `The name "${name}" has a login account, or may get one by a registration that is still open.`,
        );
      }
      throw this.peer.unanswered(answer, `the account of ${txNo}`);
    });
  }
}
