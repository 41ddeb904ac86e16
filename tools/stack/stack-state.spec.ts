import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_PORTS } from './ports.js';
import { readState, writeState } from './stack-state.js';

describe('what a stack remembers', () => {
  let folder: string;
  const file = (): string => join(folder, 'state.json');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'txmsg-state-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what was written, its coordinator included', () => {
    const network = { interface: 'txmsg-1', hostAddress: '169.254.1.2', serverAddress: '169.254.1.3' };
    const state = {
      ports: DEFAULT_PORTS,
      wishes: DEFAULT_PORTS,
      coordinator: { version: '1.8.0', network },
    } as const;
    writeState(file(), state);
    expect(readState(file())).toEqual(state);
  });

  it('keeps the ports of servers that a version without coordinator has written down', () => {
    const ports = { mysql: 1, namesrv: 2, broker: 3, proxy: 4, proxyRemoting: 5 };
    writeFileSync(file(), JSON.stringify({ ports, wishes: ports }));
    expect(readState(file())?.ports).toEqual({ ...DEFAULT_PORTS, ...ports });
  });

  it.each(['', '{}', '{"ports":{"mysql":1}}', 'no json'])('is nothing when the file says %j', (text) => {
    writeFileSync(file(), text);
    expect(readState(file())).toBeUndefined();
  });

  it('has no coordinator of a version that this one does not know', () => {
    writeFileSync(file(), JSON.stringify({ ports: DEFAULT_PORTS, coordinator: { version: '0.1' } }));
    expect(readState(file())).not.toHaveProperty('coordinator');
  });
});
