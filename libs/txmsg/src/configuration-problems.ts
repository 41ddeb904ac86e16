import { Injectable } from '@nestjs/common';
import { TxMsgConfigurationError } from './errors/index.js';

/**
 * What is found wrong while Nest makes the providers. It is kept until the application starts, and reported there
 * together with what only a made application shows: its listeners and its database.
 */
@Injectable()
export class ConfigurationProblems {
  readonly found: string[] = [];

  /** Keeps the problems of a refused configuration. @throws any other error as it is */
  add(error: unknown): void {
    if (!(error instanceof TxMsgConfigurationError)) throw error;
    this.found.push(...error.problems);
  }
}
