import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { waitForDatabase } from './wait-for-database.js';

describe('waitForDatabase', () => {
  it('gives up after the time that the settings allow, and names the place without the password', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const settings = {
      mysqlUrl: `mysql://user:secret@127.0.0.1:${port}/things`,
      databaseStartTimeoutMs: 600,
    } as ServiceSettings;
    await expect(waitForDatabase(settings, 'thing')).rejects.toThrow(
      `Its database 127.0.0.1:${port}/things (MYSQL_URL) did not answer within 0.6 s (ECONNREFUSED).`,
    );
  });
});
