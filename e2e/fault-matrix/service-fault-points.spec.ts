import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RECONCILIATION_FAULT_POINTS } from '../../apps/bank1/src/reconciliation/reconciliation.fault-points.js';
import { serviceFaultPoints } from './service-fault-points.js';

describe('the fault points of services', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'txmsg-points-'));
    for (const folder of ['apps', 'libs']) mkdirSync(join(directory, folder));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };

  it("have those of bank1's reconciliation among them", async () => {
    expect(await serviceFaultPoints()).toEqual(expect.arrayContaining([...RECONCILIATION_FAULT_POINTS]));
  });

  it('are found wherever a service or a library lists them', async () => {
    write('apps/a/src/x/one.fault-points.ts', "export const ONE = ['service:x.2', 'service:x.1'];");
    write('apps/b/src/two.fault-points.ts', "export const TWO = ['service:y.1'];");
    write('libs/c/src/three.fault-points.ts', "export const THREE = ['service:z.1'];");
    write('apps/a/dist/old.fault-points.ts', "export const OLD = ['service:old'];");
    expect(await serviceFaultPoints(directory)).toEqual([
      'service:x.1',
      'service:x.2',
      'service:y.1',
      'service:z.1',
    ]);
  });

  it('are those of some services only, where only they are looked at', async () => {
    write('apps/a/src/one.fault-points.ts', "export const ONE = ['service:x.1'];");
    write('apps/b/src/two.fault-points.ts', "export const TWO = ['service:y.1'];");
    expect(await serviceFaultPoints(directory, ['b'])).toEqual(['service:y.1']);
  });

  it('are missed by nobody when a list is none', async () => {
    write('apps/a/src/one.fault-points.ts', "export const ONE = ['x.1'];");
    await expect(serviceFaultPoints(directory)).rejects.toThrow('one.fault-points.ts exports [["x.1"]]');
  });
});
