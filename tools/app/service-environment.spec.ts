import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { LocalStack } from '../stack/local-stack.js';
import { metricsFor, serviceEnvironment } from './service-environment.js';

describe('the environment of a service that is started by hand', () => {
  const directory = mkdtempSync(join(tmpdir(), 'txmsg-app-'));
  const stack = new LocalStack({ directory });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ['bank1', {}, 'mysql, namesrv, broker: "npm run stack -- up" starts it.'],
    ['identity', {}, 'mysql, seata: "npm run stack -- up --with seata" starts it.'],
    ['identity', { SEATA_SERVER: 'localhost:1' }, 'mysql: "npm run stack -- up" starts it.'],
    [
      'bank1',
      { MYSQL_URL: 'mysql://u:p@localhost/d', ROCKETMQ_NAMESRV: 'localhost:1' },
      'namesrv, broker: "npm run stack -- up" starts it.',
    ],
  ] as const)('names the servers that %s lacks, given %j', (service, given, sentence) => {
    expect(() => serviceEnvironment(service, stack, given)).toThrow(`there is no running ${sentence}`);
  });

  it('asks for no server that the caller names', () => {
    const given = { MYSQL_URL: 'mysql://u:p@localhost/d', SEATA_SERVER: 'localhost:1', PORT: '' };
    expect(serviceEnvironment('identity', stack, given)).toEqual({
      MYSQL_URL: given.MYSQL_URL,
      SEATA_SERVER: given.SEATA_SERVER,
      METRICS_ENABLED: 'true',
      ADMIN_TOKEN: expect.any(String),
    });
  });

  it.each([
    [{}, { METRICS_ENABLED: 'true' }],
    [{ HOST: 'localhost' }, { METRICS_ENABLED: 'true' }],
    [{ HOST: '0.0.0.0' }, {}],
    [{ METRICS_ENABLED: 'false' }, {}],
  ])('given %j, has the metrics %j', (given, metrics) => {
    expect(metricsFor(given)).toEqual(metrics);
  });
});
