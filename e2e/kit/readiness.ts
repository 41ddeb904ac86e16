import { expect } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './service-process.js';
import { call } from './http.js';

/** A broker's clients find out within seconds; a machine that is busy with other tests takes longer. */
export const PATIENCE = { timeoutMs: 90_000, intervalMs: 200 };

export async function untilReady(...instances: readonly ServiceProcess[]): Promise<void> {
  for (const instance of instances) {
    await untilListening(instance);
    await instance.waitUntilReady(PATIENCE.timeoutMs);
  }
}

/** Until readiness is red because of RocketMQ, for this reason, which then stands in the log too. */
export async function untilRefused(instance: ServiceProcess, reason: string): Promise<void> {
  await untilListening(instance);
  await eventually(async () => {
    const { status, body } = await call(`${instance.url}/health/ready`);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      details: { rocketmq: { status: 'down', message: expect.stringContaining(reason) } },
    });
  }, PATIENCE);
  const warnings = instance.logs().filter(({ level }) => level === 'warn');
  expect(warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining(reason));
}

function untilListening(instance: ServiceProcess): Promise<string> {
  return eventually(() => instance.url, PATIENCE);
}
