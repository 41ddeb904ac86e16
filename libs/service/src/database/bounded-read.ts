import { Injectable } from '@nestjs/common';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource, type EntityManager } from 'typeorm';
import { ServiceSettings } from '../configuration/service-settings.js';
import { asDatabaseProblem } from './database-problem.js';

/**
 * Reads for callers that wait: a database that is away or frozen is answered 503 within a bounded time, and so is a
 * caller for whom there is no place in the queue. Only for work that changes nothing: the statement itself may still
 * run after the answer.
 */
@Injectable()
export class BoundedRead {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: ServiceSettings,
  ) {}

  /** @throws ProblemException SERVICE_UNAVAILABLE when the database does not answer in time or is away */
  run<T>(read: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    return this.within((timeoutMs) => withConnection(this.dataSource, timeoutMs, read));
  }

  /**
   * The same for a read that takes its connection by itself.
   * @param read - ends within `timeoutMs`, and keeps nothing then
   */
  async within<T>(read: (timeoutMs: number) => Promise<T>): Promise<T> {
    try {
      return await read(this.settings.databaseReadTimeoutMs);
    } catch (error) {
      throw asDatabaseProblem(error);
    }
  }
}
