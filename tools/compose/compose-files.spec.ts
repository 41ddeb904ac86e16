import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  BANKS,
  hasMessages,
  PROBLEM_KINDS,
  ProblemCode,
  serviceNamed,
  SERVICES,
  variablePrefix,
  type ServiceName,
} from '@txmsg/contracts';
import { DEFAULT_BROKER_SETTINGS } from '../stack/broker-settings.js';
import { SEATA_RETRY_DEAD_THRESHOLD_MS } from '../stack/seata-configuration.js';
import { DEFAULT_SEATA_VERSION } from '../stack/seata-version.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { neededImages } from './docker-engine.js';

const NAMES = SERVICES.map(({ name }) => name);

const WITH_MESSAGES = SERVICES.filter(hasMessages).map(({ name }) => name);
const isBank = (name: ServiceName): boolean => BANKS.some((bank) => bank === name);

/** What makes the database of a service. */
const databasesOf = (name: ServiceName): string => {
  if (isBank(name)) return 'databases';
  return hasMessages(serviceNamed(name)) ? 'shop-databases' : 'seata-databases';
};

/** The lines of one service. */
const serviceLines = (service: string): string =>
  new RegExp(`^  ${service}:\\n((?:    .*\\n)+)`, 'm').exec(read('docker-compose.yml'))?.[1] ?? '';
const read = (file: string): string => readFileSync(join(repositoryDirectory, file), 'utf8');

describe('the files of the containers', () => {
  it.each([
    ['docker/broker.conf', DEFAULT_BROKER_SETTINGS],
    ['docker/replicated-broker.conf', { ...DEFAULT_BROKER_SETTINGS, flushDiskType: 'SYNC_FLUSH' }],
  ])('give the broker the settings of the local stack: %s', (file, wanted) => {
    const settings = Object.entries(wanted).map(([name, value]) => `${name}=${String(value)}`);
    expect(read(file).split('\n')).toEqual(expect.arrayContaining(settings));
  });

  it.each(['docker/broker.conf', 'docker/replicated-broker.conf'])(
    'let the broker announce an address, which a separate proxy knows it by, and no name: %s',
    (file) => {
      expect(read(file)).not.toMatch(/^brokerIP\d=/m);
    },
  );

  it('publish ports to this machine alone', () => {
    const ports = [...read('docker-compose.yml').matchAll(/^ *ports: (.*)$/gm)].map(([, list]) => list ?? '');
    expect(ports.length).toBeGreaterThan(0);
    for (const list of ports) expect(list).toMatch(/^\['127\.0\.0\.1:[^']*'(?:, '127\.0\.0\.1:[^']*')*\]$/);
  });

  it.each(NAMES)('let %s be called by the names that it has among them', (name) => {
    expect(serviceLines(name)).toContain(`HTTP_ALLOWED_HOSTS: ${name},load-balancer\n`);
  });

  it.each(SERVICES)(
    'let $name listen and be found where the list of services says',
    ({ name, port, prefix }) => {
      const lines = serviceLines(name);
      expect(lines).toContain(`build: { context: ., args: { APP: ${name} } }\n`);
      expect(lines).toContain(`PORT: '${port}'\n`);
      expect(lines).toContain(`ports: ['127.0.0.1:\${${variablePrefix(name)}_PORT:-${port}}:${port}']\n`);
      expect(lines).toContain(`http://127.0.0.1:${port}/${prefix}/health/ready`);
    },
  );

  it.each(NAMES)('give the settings of %s to it, and to what makes its database', (name) => {
    const variable = `${variablePrefix(name)}_ENV_FILE`;
    expect(serviceLines(name)).toContain(`secrets: [{ source: ${name}.env, target: bank.env }`);
    expect(serviceLines(databasesOf(name))).toMatch(new RegExp(`secrets:[^:]*\\b${name}\\.env\\b`));
    expect(read('docker-compose.yml')).toContain(`file: \${${variable}:-./docker/development/${name}.env}\n`);
    const { database } = serviceNamed(name);
    expect(read(`docker/development/${name}.env`)).toMatch(
      new RegExp(`^MYSQL_URL=mysql://${database}:[^@]+@mysql:3306/${database}$`, 'm'),
    );
  });

  it.each(WITH_MESSAGES)('give the settings of %s to what makes its user at RocketMQ', (name) => {
    const topics = isBank(name) ? 'topics' : 'shop-topics';
    expect(serviceLines(topics)).toContain(`${variablePrefix(name)}_ENV_FILE: /run/secrets/${name}.env\n`);
    expect(serviceLines(topics)).toMatch(new RegExp(`secrets:[^:]*\\b${name}\\.env\\b`));
  });

  it('make nothing of the other services where only the banks run', () => {
    for (const name of NAMES.filter((one) => !isBank(one))) {
      expect(serviceLines('databases') + serviceLines('topics')).not.toContain(`${name}.env`);
      expect(serviceLines(name)).toMatch(
        hasMessages(serviceNamed(name)) ? /profiles: \[shop\b/ : /profiles: \[seata\]/,
      );
    }
    for (const step of ['shop-databases', 'shop-topics'])
      expect(serviceLines(step)).toContain('profiles: [shop, points, review, notification]\n');
  });

  it.each(BANKS)('give %s the secret by which bank1 knows the answers of bank2', (bank) => {
    const lines = serviceLines(bank);
    expect(lines).toContain('BANK_SHARED_SECRET_FILE: /run/secrets/bank-shared-secret\n');
    expect(lines).toMatch(/secrets: \[.*\bbank-shared-secret\b.*\]\n/);
    expect(read('docker/development/bank-shared-secret').length).toBeGreaterThanOrEqual(16);
  });

  it.each(WITH_MESSAGES)(
    'let %s speak to RocketMQ in the way that is chosen, with the addresses of both',
    (bank) => {
      expect(serviceLines(bank)).toContain('<<: *rocketmq-addresses\n');
      const addresses =
        /^x-rocketmq-addresses: .*\n((?: {2}.*\n)+)/m.exec(read('docker-compose.yml'))?.[1] ?? '';
      expect(addresses).toContain('${ROCKETMQ_TRANSPORT:-grpc}\n');
      expect(addresses).toContain('ROCKETMQ_ENDPOINTS: proxy:8081\n');
      expect(addresses).toContain('ROCKETMQ_NAMESRV: namesrv:9876\n');
    },
  );

  it.each(NAMES)('let %s serve its metrics to the holder of the token alone', (bank) => {
    const lines = serviceLines(bank);
    expect(lines).toContain("METRICS_ENABLED: 'true'\n");
    expect(lines).toContain('METRICS_TOKEN_FILE: /run/secrets/metrics-token\n');
    expect(lines).toMatch(/secrets: \[.*, metrics-token\]\n/);
    expect(read('docker/development/metrics-token').length).toBeGreaterThanOrEqual(16);
  });

  it('give Prometheus, which only a profile starts, the rules and the place of that token', () => {
    const lines = serviceLines('prometheus');
    expect(lines).toContain('profiles: [observability]\n');
    expect(lines).toMatch(/image: prom\/prometheus:v\d+\.\d+\.\d+\n/);
    expect(lines).toContain('secrets: [metrics-token]\n');
    const configuration = read('ops/prometheus/prometheus.yml');
    for (const file of ['prometheus.yml', 'alerts.yml']) {
      expect(lines).toContain(`- ./ops/prometheus/${file}:/etc/prometheus/${file}:ro\n`);
    }
    expect(configuration).toContain('rule_files: [alerts.yml]\n');
    for (const { name, prefix, port } of SERVICES) {
      expect(configuration).toContain(`job_name: ${name}\n    metrics_path: /${prefix}/metrics\n`);
      expect(configuration).toContain(`targets: ['${name}:${port}`);
    }
    const tokens = configuration.match(/credentials_file: \/run\/secrets\/metrics-token/g);
    expect(tokens).toHaveLength(SERVICES.length);
  });

  it.each(SERVICES.filter(({ usesSeata }) => usesSeata))(
    'let $name find the coordinator, and give its database the tables of the library',
    ({ name }) => {
      expect(serviceLines(name)).toContain('SEATA_SERVER: seata:8091\n');
      expect(serviceLines(databasesOf(name))).toContain(
        `- ./libs/seata/sql/seata.sql:/libraries/${name}.sql:ro\n`,
      );
    },
  );

  it('give the coordinator, which only a profile starts, the settings of the local stack and secrets of its own', () => {
    const lines = serviceLines('seata');
    expect(lines).toContain('profiles: [seata]\n');
    expect(lines).toContain(`image: seataio/seata-server:${DEFAULT_SEATA_VERSION}\n`);
    expect(lines).toContain('secrets: [seata.properties]\n');
    expect(lines).toContain('- ./tools/stack/seata-logback.xml:/etc/seata/logback.xml:ro\n');
    const settings = read('docker/seata.properties');
    expect(settings).toContain(`seata.server.retry-dead-threshold=${SEATA_RETRY_DEAD_THRESHOLD_MS}\n`);
    expect(settings).not.toMatch(/^[^#].*(?:password|secretKey)/m);
    const secrets = read('docker/development/seata.properties');
    expect(secrets).toMatch(/^console\.user\.password=.{16,}$/m);
    expect(secrets).toMatch(/^seata\.security\.secretKey=[A-Za-z0-9+/=]{44,}$/m);
  });

  it.each([
    [404, ProblemCode.ROUTE_NOT_FOUND],
    [502, ProblemCode.OUTCOME_UNKNOWN],
    [503, ProblemCode.SERVICE_UNAVAILABLE],
    [504, ProblemCode.OUTCOME_UNKNOWN],
  ])('let the load balancer answer %i by itself as the banks do, with the code %s', (status, code) => {
    const answer = new RegExp(
      ` status ${status} content-type application/problem\\+json string '([^']+)'(.*)$`,
      'm',
    );
    const [, body = '{}', rest] = answer.exec(read('docker/load-balancer/haproxy.cfg')) ?? [];
    expect(JSON.parse(body)).toEqual({
      type: `urn:txmsg:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: PROBLEM_KINDS[code].title,
      status,
      code,
      detail: expect.stringContaining(code === ProblemCode.OUTCOME_UNKNOWN ? 'with the same txNo' : ''),
    });
    if (status === 503) expect(rest).toBe(' hdr Retry-After 2');
  });

  it('need the official images', () => {
    const images = ['mysql:8.4', 'apache/rocketmq:5.4.0', 'node:24-bookworm-slim', 'debian:bookworm-slim'];
    expect(neededImages().sort()).toEqual(images.sort());
  });
});
