import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BROKER_SETTINGS } from '../stack/broker-settings.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { neededImages } from './docker-engine.js';

const read = (file: string): string => readFileSync(join(repositoryDirectory, file), 'utf8');

describe('the files of the containers', () => {
  it('give the broker the settings of the local stack', () => {
    const lines = read('docker/broker.conf').split('\n');
    const settings = Object.entries(DEFAULT_BROKER_SETTINGS).map(
      ([name, value]) => `${name}=${String(value)}`,
    );
    expect(lines).toEqual(expect.arrayContaining(settings));
  });

  it('let the broker announce an address, which a separate proxy knows it by, and no name', () => {
    expect(read('docker/broker.conf')).not.toMatch(/^brokerIP\d=/m);
  });

  it('publish ports to this machine alone', () => {
    const ports = [...read('docker-compose.yml').matchAll(/^ *ports: (.*)$/gm)].map(([, list]) => list ?? '');
    expect(ports.length).toBeGreaterThan(0);
    for (const list of ports) expect(list).toMatch(/^\['127\.0\.0\.1:[^']*'\]$/);
  });

  it('need the official images', () => {
    const images = ['mysql:8.4', 'apache/rocketmq:5.4.0', 'node:24-bookworm-slim'];
    expect(neededImages().sort()).toEqual(images.sort());
  });
});
