import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, jest } from '@jest/globals';
import { AuditUnreadableError } from '@txmsg/bank/audit';
import type { Bank1Settings } from '../bank1-settings.js';
import type { AuditMetrics } from './audit.metrics.js';
import { BanksAudit } from './banks.audit.js';

it('an audit is not waited for by a shutdown, nor counted as failed then', async () => {
  const failed = jest.fn();
  const mute = createServer(() => {
    audit.onModuleDestroy();
  });
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const bank2Url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const settings = { bank2Url, adminToken: 'own' } as Bank1Settings;
  const audit = new BanksAudit(settings, { failed } as unknown as AuditMetrics);
  try {
    // A mute bank2 is given up after 150 s by itself.
    await expect(audit.run()).rejects.toBeInstanceOf(AuditUnreadableError);
    expect(failed).not.toHaveBeenCalled();
  } finally {
    mute.closeAllConnections();
    mute.close();
  }
}, 60_000);
