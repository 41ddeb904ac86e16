import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_BROKER_SETTINGS, EARLY_CHECK_BROKER_SETTINGS } from './broker-settings.js';
import { DEFAULT_PORTS } from './ports.js';
import { renderConfiguration, renderProperties } from './rocketmq-configuration.js';
import { planBroker } from './rocketmq-servers.js';
import { StackPaths } from './stack-paths.js';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocketmq-configuration-')));
const paths = new StackPaths(directory);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('renderConfiguration', () => {
  const { broker, proxy, namesrv } = renderConfiguration(paths, DEFAULT_PORTS, DEFAULT_BROKER_SETTINGS);

  it('keeps half messages through any outage and makes no topics by itself', () => {
    expect(broker.split('\n')).toEqual(
      expect.arrayContaining([
        'autoCreateTopicEnable=false',
        'transactionTimeOut=6000',
        'transactionCheckInterval=5000',
        'transactionCheckMax=1000000',
      ]),
    );
  });

  it('stays on loopback and inside its folder', () => {
    expect(broker).toContain('bindAddress=127.0.0.1\n');
    expect(broker).toContain(`storePathRootDir=${directory}/data/broker/store\n`);
    expect(namesrv).toContain('bindAddress=127.0.0.1\n');
    expect(JSON.parse(proxy)).toMatchObject({ localServeAddr: '127.0.0.1' });
  });

  it('tells the broker early that a proxy can ask', () => {
    expect(JSON.parse(proxy)).toMatchObject({
      grpcServerPort: DEFAULT_PORTS.proxy,
      transactionHeartbeatPeriodSecond: 2,
    });
  });
});

describe('renderConfiguration of a locked RocketMQ', () => {
  const administrator = { accessKey: 'admin', accessSecret: 'hush' };
  const tls = { certificateFile: '/tls/proxy.pem', keyFile: '/tls/proxy.key', authorities: '' };
  const security = { administrator, tls };
  const { broker, proxy } = renderConfiguration(paths, DEFAULT_PORTS, DEFAULT_BROKER_SETTINGS, security);

  it('asks broker and proxy alike for user and rights', () => {
    const on = { authenticationEnabled: true, authorizationEnabled: true };
    expect(JSON.parse(proxy)).toMatchObject({
      ...on,
      innerClientAuthenticationCredentials: '{"accessKey":"admin","secretKey":"hush"}',
    });
    for (const name of Object.keys(on)) expect(broker).toContain(`${name}=true\n`);
    expect(broker).toContain('initAuthenticationUser={"username":"admin","password":"hush"}\n');
  });

  it('serves TLS with the given certificate, and no plain text', () => {
    const files = { tlsCertPath: '/tls/proxy.pem', tlsKeyPath: '/tls/proxy.key' };
    expect(JSON.parse(proxy)).toMatchObject({ tlsTestModeEnable: false, ...files });
    const plan = planBroker('/jars', paths, DEFAULT_PORTS, { namesrv: '', broker, proxy }, security);
    expect(plan.arguments).toContain('-Dtls.server.mode=enforcing');
  });

  it('shows no secret on the command line', () => {
    const plan = planBroker('/jars', paths, DEFAULT_PORTS, { namesrv: '', broker, proxy }, security);
    expect(plan.arguments.join(' ')).not.toContain('hush');
  });
});

describe('renderProperties', () => {
  it('does not let a backslash start an escape', () => {
    expect(renderProperties({ path: 'C:\\temp', on: true, n: 1 })).toBe('path=C:\\\\temp\non=true\nn=1\n');
  });

  it('keeps to ASCII, since Java reads the file as Latin-1', () => {
    expect(renderProperties({ path: '/für/测' })).toBe('path=/f\\u00fcr/\\u6d4b\n');
  });
});

describe('planBroker', () => {
  it('shows other settings on the command line, so that a running broker with old ones is found out', () => {
    const plan = (settings: object): readonly string[] => {
      const merged = { ...DEFAULT_BROKER_SETTINGS, ...settings };
      return planBroker('/jars', paths, DEFAULT_PORTS, renderConfiguration(paths, DEFAULT_PORTS, merged))
        .arguments;
    };
    expect(plan({})).toEqual(plan({}));
    expect(plan({})).not.toEqual(plan(EARLY_CHECK_BROKER_SETTINGS));
  });
});
