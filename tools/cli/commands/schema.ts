import { readBankScripts } from '@txmsg/bank/provisioning';
import { schemaCommands } from 'txmsg/cli';
import type { Call } from '../command.js';
import { databasesOf } from './audit.js';

/** The library's own commands, for both banks: their tables of sql/*.sql as well. */
export const [schemaStatus, schemaSql] = schemaCommands<Call>({
  program: 'npm run txmsg --',
  meaning: 'the databases are those of both banks, which "audit" reads',
  options: {},
  find: (call) => {
    const { bank1, bank2 } = databasesOf(call);
    return [
      { url: bank1, script: readBankScripts('bank1') },
      { url: bank2, script: readBankScripts('bank2') },
    ];
  },
});
