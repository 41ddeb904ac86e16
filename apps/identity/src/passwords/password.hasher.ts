import { Injectable } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';
import { IdentitySettings } from '../identity-settings.js';
import { hashPassword, isPasswordOf, parsePasswordHash, type ScryptParameters } from './password-hash.js';
import { NoTurnError, Turns } from './turns.js';

const N = 16_384;
const r = 8;

/** Hashes passwords and checks them, a bounded number at a time: each costs memory and much of a processor. */
@Injectable()
export class PasswordHasher {
  private readonly turns: Turns;
  private readonly parameters: ScryptParameters;
  /** What names without an account are checked against. */
  private nobodys: Promise<string> | undefined;

  constructor(private readonly settings: IdentitySettings) {
    this.turns = new Turns(settings.passwordHashesAtOnce);
    this.parameters = { N, r, p: settings.passwordHashCost };
  }

  /** @throws ProblemException SERVICE_UNAVAILABLE when there is no turn in time */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hashPassword(password, this.parameters));
  }

  /**
   * @param stored - undefined: there is no account; the answer is false, and takes as long as any other, unless the hashes that
   *   are there were made by other parameters
   * @throws ProblemException SERVICE_UNAVAILABLE when there is no turn in time
   */
  async isRight(password: string, stored: string | undefined): Promise<boolean> {
    const text = stored ?? (await this.hashOfNobody());
    const isSame = await this.inTurn(() => isPasswordOf(password, parsePasswordHash(text)));
    return isSame && stored !== undefined;
  }

  /** Made once, unless that fails; of any password. */
  private hashOfNobody(): Promise<string> {
    this.nobodys ??= hashPassword('', this.parameters).catch((error: unknown) => {
      this.nobodys = undefined;
      throw error;
    });
    return this.nobodys;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.run(work, this.settings.passwordHashTimeoutMs);
    } catch (error) {
      if (!(error instanceof NoTurnError)) throw error;
      throw new ProblemException(
        ProblemCode.SERVICE_UNAVAILABLE,
        'Too many passwords are being checked. Nothing was done.',
        { cause: error, headers: { 'retry-after': '2' } },
      );
    }
  }
}
