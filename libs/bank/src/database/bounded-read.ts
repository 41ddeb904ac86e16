import { Injectable } from '@nestjs/common';
import { BankSettings } from '../configuration/bank-settings.js';
import { asDatabaseProblem, databaseAway } from './database-away.js';

/**
 * Reads for callers that wait: a database that is away or frozen is answered 503 within a bounded time.
 * Only for work that changes nothing: the statement itself may still run after the answer.
 */
@Injectable()
export class BoundedRead {
  constructor(private readonly settings: BankSettings) {}

  /** @throws ProblemException SERVICE_UNAVAILABLE when the database does not answer in time or is away */
  async run<T>(read: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeoutMs = this.settings.databaseReadTimeoutMs;
    const expiry = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(databaseAway(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
    const reading = read();
    // Once the expiry has won, a later failure has nobody left to tell.
    reading.catch(() => undefined);
    try {
      return await Promise.race([reading, expiry]);
    } catch (error) {
      throw asDatabaseProblem(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
