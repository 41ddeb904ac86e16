import 'reflect-metadata';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandError, failureOf, UsageError } from 'txmsg/cli';
import { adminTokenFile, adminTokenFor } from '../../e2e/kit/admin-token.js';
import { COMMANDS } from './commands.js';
import { runCommandLine } from './run.js';

interface Request {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const LETTER = {
  id: '7',
  createTime: '2026-01-31T08:00:00.000Z',
  state: 'OPEN',
  reason: 'POISON',
  txNo: null,
  detail: 'evil \u001b[2J\nlines',
};

/** The commands against a server that answers as a test says. */
describe('npm run txmsg', () => {
  const directory = mkdtempSync(join(tmpdir(), 'txmsg-cli-'));
  const requests: Request[] = [];
  let printed: string[];
  let answer: { status: number; body: unknown };
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void bodyOf(request).then((text) => {
        const { authorization } = request.headers;
        const line = `${request.method ?? ''} ${request.url ?? ''}`;
        requests.push({ line, authorization, body: text === '' ? undefined : JSON.parse(text) });
        // A connection that was idle for longer than the server's limit, in a test that was held up, would be reset.
        response.writeHead(answer.status, { connection: 'close' }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    requests.length = 0;
    printed = [];
    answer = { status: 200, body: {} };
  });

  const run = (words: readonly string[], environment: NodeJS.ProcessEnv = { ADMIN_TOKEN: 'secret' }) =>
    runCommandLine(words, COMMANDS, {
      environment,
      stackDirectory: directory,
      print: (text) => {
        printed.push(text);
      },
    });
  const ask = (words: string, environment?: NodeJS.ProcessEnv): Promise<number> =>
    run([...words.split(' '), '--url', url], environment);

  it('lists open dead letters in a table, harmless for the terminal', async () => {
    answer.body = { deadLetters: [LETTER], next: '7' };
    expect(await ask('dead-letters list --limit 1 --tx-no t-1')).toBe(0);
    expect(requests).toEqual([
      { line: 'GET /bank2/admin/dead-letters?state=OPEN&txNo=t-1&limit=1', authorization: 'Bearer secret' },
    ]);
    expect(printed).toEqual([
      'id  stored                    state  reason  txNo  detail\n' +
        '7   2026-01-31T08:00:00.000Z  OPEN   POISON  -     evil \ufffd[2J\ufffdlines',
      'There are more: --after 7',
    ]);
  });

  it('passes the answer on as JSON', async () => {
    answer.body = { deadLetters: [LETTER], next: null };
    expect(await ask('dead-letters list --state ALL --bank bank1 --json')).toBe(0);
    expect(requests[0]?.line).toBe('GET /bank1/admin/dead-letters');
    expect(printed).toEqual([JSON.stringify(answer.body)]);
  });

  it('says who does it, by default you', async () => {
    answer.body = { id: '7', outcome: 'DONE' };
    expect(await ask('dead-letters redrive 7')).toBe(0);
    expect(await ask('dead-letters dismiss 7 --by alice --note gone')).toBe(0);
    expect(requests).toMatchObject([
      { line: 'POST /bank2/admin/dead-letters/7/redrive', body: { by: userInfo().username, note: '' } },
      { line: 'POST /bank2/admin/dead-letters/7/dismiss', body: { by: 'alice', note: 'gone' } },
    ]);
  });

  it('handles a dead letter that has expired only when told so', async () => {
    answer.body = { id: '7', outcome: 'DONE' };
    await ask('dead-letters redrive 7 --by alice');
    await ask('dead-letters redrive 7 --by alice --even-if-expired');
    expect(requests.map(({ body }) => body)).toEqual([
      { by: 'alice', note: '' },
      { by: 'alice', note: '', evenIfExpired: true },
    ]);
  });

  it('reconciles one transfer, and fails when nothing could be decided', async () => {
    answer.body = { checked: 1, settled: 0, republished: 0, postponed: 1 };
    await expect(ask('reconcile --tx-no t-1')).rejects.toBeInstanceOf(CommandError);
    expect(requests).toMatchObject([{ line: 'POST /bank1/admin/reconciliation', body: { txNo: 't-1' } }]);
    expect(printed).toEqual(['1 looked up, 0 ended, 0 sent again, 1 left for later.']);
  });

  it('reconciles one project of trading', async () => {
    answer.body = { checked: 1, settled: 1, republished: 0, postponed: 0 };
    expect(await ask('reconcile --bank trading --project-id p-1')).toBe(0);
    expect(requests).toMatchObject([
      { line: 'POST /trading/admin/reconciliation', body: { projectId: 'p-1' } },
    ]);
  });

  it('publishes the outbox again', async () => {
    answer.body = { republished: 3 };
    expect(await ask('outbox republish --since 2026-01-31T08:00:00Z')).toBe(0);
    expect(requests).toMatchObject([
      { line: 'POST /bank2/admin/outbox/republish', body: { since: '2026-01-31T08:00:00Z' } },
    ]);
    expect(printed).toEqual(['3 messages are published again.']);
  });

  it.each([
    ['an unknown command', 'dead-letters bury 7'],
    ['half a command', 'dead-letters'],
    ['an unknown option', 'dead-letters list --all'],
    ['an option without its value', 'dead-letters list --state'],
    ['a missing parameter', 'dead-letters show'],
    ['a parameter too many', 'dead-letters show 7 8'],
    ['a third bank', 'dead-letters list --bank bank3'],
    ['an address with a path', 'dead-letters list --url http://127.0.0.1/bank2'],
    ['no moment', 'outbox republish'],
  ])('takes %s for a wrong call', async (_what, words) => {
    await expect(run(words.split(' '))).rejects.toBeInstanceOf(UsageError);
    expect(requests).toEqual([]);
  });

  it('tells which field the bank refuses, and that the call is wrong', async () => {
    const errors = [{ field: 'limit', value: '1000', rule: 'must be a whole number from 1 to 100' }];
    answer = { status: 400, body: { code: 'INVALID_INPUT', detail: '…', errors } };
    const refused = ask('dead-letters list --limit 1000');
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow('limit "1000" must be a whole number from 1 to 100');
  });

  it.each([
    [
      'a problem',
      { status: 409, body: { code: 'DEAD_LETTER_BUSY', detail: 'Later.' } },
      'Later. (DEAD_LETTER_BUSY)',
    ],
    ['an outcome that is not known', { status: 202, body: { outcome: 'UNKNOWN' } }, 'repeat the command'],
    ['an answer that is no document', { status: 200, body: 'hello' }, 'is that bank2?'],
  ])('fails by %s', async (_what, given, sentence) => {
    answer = given;
    const failed = ask('dead-letters redrive 7');
    await expect(failed).rejects.toBeInstanceOf(CommandError);
    await expect(failed).rejects.toThrow(sentence);
  });

  it('says so when nobody answers', async () => {
    const words = ['dead-letters', 'list', '--url', 'http://127.0.0.1:9'];
    await expect(run(words)).rejects.toThrow('bank2 does not answer at http://127.0.0.1:9');
  });

  it.each(['audit', 'audit --of shop', 'status'])(
    'ends %s with 3 when it cannot tell where the databases are: 1 would be a finding',
    async (words) => {
      const failure: unknown = await run(words.split(' '), { MYSQL_URL: 'garbage' }).catch(
        (error: unknown) => error,
      );
      expect(failureOf(failure, (text) => printed.push(text))).toBe(3);
      expect(printed).toEqual([expect.stringContaining('MYSQL_URL must be a URL')]);
    },
  );

  it.each([
    [new UsageError('Wrong call.'), 2, 'Wrong call.'],
    [new CommandError('Not done.'), 1, 'Not done.'],
    [new CommandError('Not readable.', 3), 3, 'Not readable.'],
    [new TypeError('x is undefined'), 4, 'run.spec'],
    ['thrown', 4, 'thrown'],
  ])('ends after %s with %d', (failure, exitCode, text) => {
    expect(failureOf(failure, (line) => printed.push(line))).toBe(exitCode);
    expect(printed.join()).toContain(text);
  });

  it.each([
    ['--help', 'outbox republish'],
    ['dead-letters --help', 'dead-letters show <id>'],
    ['dead-letters redrive --help', '--by <name>'],
  ])('explains itself: %s', async (words, line) => {
    expect(await run(words.split(' '), {})).toBe(0);
    expect(printed.join()).toContain(line);
  });

  describe('the admin token', () => {
    it('is that of the banks that were started here, unless another is given', async () => {
      answer.body = { deadLetters: [], next: null };
      await expect(ask('dead-letters list', {})).rejects.toThrow('There is no admin token');
      const token = adminTokenFor({}, directory);
      expect(adminTokenFor({}, directory)).toBe(token);
      expect(adminTokenFor({ ADMIN_TOKEN: 'mine' }, directory)).toBe('mine');
      expect(statSync(adminTokenFile(directory)).mode & 0o777).toBe(0o600);
      await ask('dead-letters list', {});
      const file = join(directory, 'other');
      writeFileSync(file, 'from-file\n');
      await ask(`dead-letters list --token-file ${file}`);
      expect(requests.map(({ authorization }) => authorization)).toEqual([
        `Bearer ${token}`,
        'Bearer from-file',
      ]);
    });

    it.each(['nothing-here', '.'])('is not read from %s', async (name) => {
      const file = join(directory, name);
      await expect(ask(`dead-letters list --token-file ${file}`)).rejects.toBeInstanceOf(CommandError);
    });
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
