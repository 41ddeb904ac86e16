import { test } from '@jest/globals';
import { RocketmqAdmin, eventually } from '../testing/index.js';
import { RocketmqTransport } from './index.js';

test('happy', async () => {
  const id = Date.now().toString(36);
  const topic = `zz_${id}`; const group = `zzg_${id}`;
  const admin = new RocketmqAdmin({ namesrv: process.env['ROCKETMQ_NAMESRV']! });
  await admin.createTopic(topic, 'TRANSACTION'); await admin.createConsumerGroup(group);
  const transport = new RocketmqTransport({ endpoints: process.env['ROCKETMQ_ENDPOINTS']!, logger: console as never });
  const asked: unknown[] = [];
  const p = transport.createTransactionalProducer(topic, async (m) => { asked.push([Date.now() - t0, m.keys, m.properties]); return 'COMMIT'; });
  const c = transport.createConsumer(topic, group);
  const t00 = Date.now();
  p.start(); c.start(); await p.whenReady(10000); await c.whenReady(10000);
  console.log('ready after', Date.now() - t00);
  let t0 = Date.now();
  const got: string[] = [];
  let stop = false;
  const loop = (async () => { while (!stop) { try { for (const d of await c.receive({ messagesMax: 32, awaitMs: 10000, hiddenMs: 10000 })) { got.push(`${Date.now() - t0} ${d.message.keys} ${d.message.body.toString()} ${d.deliveryAttempt} ${JSON.stringify(d.message.properties)} ${d.message.messageId} ${d.message.bornAtMs! - t0}`); await d.acknowledge(3000); } } catch (e) { console.log(e); await new Promise(r => setTimeout(r, 500)); } } })();
  await new Promise(r => setTimeout(r, 1500));
  for (let i = 0; i < 5; i++) {
    t0 = Date.now();
    const h = await p.sendHalfMessage({ topic, key: `k${i}`, body: Buffer.from(`héllo ${i}`), properties: { a: 'b', 'txmsg-attempt': 'x' } }, 3000);
    const t1 = Date.now() - t0;
    await h.end(i === 3 ? 'ROLLBACK' : 'COMMIT', 3000);
    const t2 = Date.now() - t0;
    if (i !== 3) await eventually(() => got.length === i + (i > 3 ? 0 : 1), { intervalMs: 1 }).catch(e => console.log('lost', i, e.message));
    console.log('sent', t1, 'ended', t2, 'delivered', Date.now() - t0, got.at(-1), h.messageId);
  }
  t0 = Date.now();
  await p.sendHalfMessage({ topic, key: `orphan`, body: Buffer.from(`x`), properties: { a: 'b' } }, 3000);
  await eventually(() => got.length === 5, { timeoutMs: 40000 }).catch(e => console.log('lost', e.message));
  console.log(got, asked);
  stop = true;
  let t = Date.now(); await c.close(10000); console.log('c closed', Date.now() - t);
  t = Date.now(); await p.close(5000); console.log('p closed', Date.now() - t);
  await loop; admin.close?.();
}, 120000);
