import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from 'txmsg/testing';
import { buildBanks } from '../../e2e/kit/bank-build.js';
import { faults } from '../../e2e/kit/faults.js';
import { postJson } from '../../e2e/kit/http.js';
import { OtlpReceiver, type ReceivedSpan } from '../../e2e/kit/otlp-receiver.js';
import { OwnServers } from '../../e2e/kit/own-servers.js';
import { TestBanks } from '../../e2e/kit/test-banks.js';
import { exitCodeOf, onInterruption } from '../program.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { waterfall, type WaterfallSpan } from './waterfall.js';

const TITLE = 'The trace of one transfer: its COMMIT is lost, and the broker checks back';
/** Until the code of both banks is compiled. */
const WARM_UP_TRANSFERS = 200;
const TX_NO = 'pictured';
const WAIT = { timeoutMs: 60_000, intervalMs: 500 };

/** Makes one transfer through both banks whose COMMIT is lost, and draws its trace: `trace-picture.ts [file]`. */
async function run([
  file = join(repositoryDirectory, 'docs', 'trace.svg'),
]: readonly string[]): Promise<number> {
  const interruption = new Promise<number>(onInterruption);
  await buildBanks(['bank1', 'bank2']);
  const servers = await OwnServers.start();
  const receiver = await OtlpReceiver.start();
  const banks = await TestBanks.create('picture', servers.servers);
  try {
    const drawn = draw(banks, receiver).then((picture) => {
      writeFileSync(file, picture);
      console.log(`The picture is in ${file}.`);
      return 0;
    });
    return await Promise.race([drawn, interruption]);
  } finally {
    await banks.close();
    receiver.close();
    await servers.stop();
  }
}

async function draw(banks: TestBanks, receiver: OtlpReceiver): Promise<string> {
  const lost = faults({ point: 'resolution.before-send', action: 'throw', txNo: TX_NO });
  await banks.start('bank2', receiver.settings);
  const bank1 = await banks.start('bank1', { ...receiver.settings, ...lost });
  const pair = await banks.books.openPair('pictured', '1000.00');
  const transfer = async (txNo: string): Promise<string> => {
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
    const order = JSON.stringify({ ...pair, txNo, amount: '1.00' });
    const { status, text } = await postJson(`${bank1.url}/transfers`, order, headers);
    if (status !== 201) throw new Error(`bank1 answered ${status}: ${text}`);
    return traceId;
  };
  for (let number = 0; number < WARM_UP_TRANSFERS; number += 1) await transfer(`warm-up-${number}`);
  await eventually(
    async () => (await banks.books.allOutgoing()).every(({ state }) => state !== 'DEBITED'),
    WAIT,
  );
  const traceId = await transfer(TX_NO);
  const isConsumed = (bank: string): boolean =>
    receiver.ofTrace(traceId).some(({ service, name }) => service === bank && name.startsWith('ack '));
  await eventually(() => isConsumed('bank1') && isConsumed('bank2'), WAIT);
  const names = { [banks.topic]: 'topic_txmsg', [banks.resultTopic]: 'topic_txmsg_result' };
  return waterfall(
    TITLE,
    receiver.ofTrace(traceId).map((span) => toPicture(span, names)),
  );
}

/** @param names - what the topics are called outside of tests */
function toPicture(span: ReceivedSpan, names: Readonly<Record<string, string>>): WaterfallSpan {
  const { startTimeUnixNano, endTimeUnixNano } = span;
  const renamed = Object.entries(names).reduce(
    (name, [topic, usual]) => name.replaceAll(topic, usual),
    span.name,
  );
  return { ...span, name: renamed, startMs: msOf(startTimeUnixNano), endMs: msOf(endTimeUnixNano) };
}

/** Nanoseconds since 1970 have more digits than a number holds. */
function msOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000;
}

process.exit(await exitCodeOf(run));
