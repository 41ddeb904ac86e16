import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Deadline } from 'txmsg';
import { mutatedFrame, validFrame } from '../../test/mutated-frames.js';
import { seededRandom } from '../../test/seeded-random.js';
import {
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  MalformedFrameError,
} from '../errors/index.js';
import type { Message } from '../wire/index.js';
import { CoordinatorConnection } from './coordinator.connection.js';

/** 100 000 in all, in parts: each has a test's time of its own on a busy machine. */
const FRAMES = 25_000;
const begin = { type: 'Begin', timeoutMs: 1, name: 'n' } as const;

/** A socket that says nothing by itself, and takes everything. */
class QuietSocket extends Duplex {
  override _read(): void {
    // What it says is pushed.
  }

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

/** As the branch dispatcher: answers phase two, and refuses what a coordinator may not ask. */
function answer(request: Message): Promise<Message> | undefined {
  if (request.type === 'UndoLogDelete') return undefined;
  if (request.type !== 'BranchCommit' && request.type !== 'BranchRollback') {
    throw new MalformedFrameError(`a ${request.type} as a request`);
  }
  const { xid, branchId } = request;
  const result = { ok: true, message: '', exceptionCode: 0 };
  return Promise.resolve({ type: 'BranchCommitResponse', result, xid, branchId, branchStatus: 6 });
}

describe('a connection', () => {
  it.each([8091, 8092, 8093, 8094])(
    'survives or ends, with every call and without a listener, whatever 25 000 frames contain (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const uncaught: unknown[] = [];
      const onUncaught = (error: unknown): void => void uncaught.push(error);
      process.on('unhandledRejection', onUncaught).on('uncaughtException', onUncaught);
      let frames = 0;
      let connections = 0;
      while (frames < FRAMES) {
        const socket = new QuietSocket();
        const connection = new CoordinatorConnection(socket, answer, 8, 'test');
        connections += 1;
        const calls = [1, 2, 3].map(() =>
          connection.call(begin, Deadline.in(60_000)).then(
            () => 'answered',
            (error: unknown) => error,
          ),
        );
        let reason: Error | undefined;
        void connection.ended.then((error) => (reason = error));
        for (let sent = 0; sent < 500 && reason === undefined && frames < FRAMES; sent += 1, frames += 1) {
          socket.push(random(3) === 0 ? validFrame(random) : mutatedFrame(random));
          await new Promise((resolve) => setImmediate(resolve));
        }
        connection.end(new Error('the test ends it'));
        for (const end of await Promise.all(calls)) {
          if (end !== 'answered') expect(end).toBeInstanceOf(CoordinatorTimeoutError);
        }
        await expect(connection.call(begin, Deadline.in(1000))).rejects.toThrow(CoordinatorUnavailableError);
        // The socket tells its end a moment after it was destroyed.
        await new Promise((resolve) => setImmediate(resolve));
        expect(['data', 'error', 'close'].map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
      }
      process.off('unhandledRejection', onUncaught).off('uncaughtException', onUncaught);
      expect(uncaught).toEqual([]);
      expect(connections).toBeGreaterThan(250);
    },
  );
});
