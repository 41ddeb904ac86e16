import { join } from 'node:path';
import { secretIn } from '../../tools/stack/secret-file.js';

/** Where the admin token of banks that were started here is kept; readable by nobody else. */
export function adminTokenFile(stackDirectory: string): string {
  return join(stackDirectory, 'admin-token');
}

/** The admin token for a bank that is started here: what the environment says, else that of the stack. */
export function adminTokenFor({ ADMIN_TOKEN }: NodeJS.ProcessEnv, stackDirectory: string): string {
  return ADMIN_TOKEN === undefined || ADMIN_TOKEN === ''
    ? secretIn(adminTokenFile(stackDirectory))
    : ADMIN_TOKEN;
}
