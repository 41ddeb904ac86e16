import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameDecoder,
  type Message,
  type Request,
  type RequestType,
  type ResponseTo,
} from '../src/wire/index.js';

const DEADLINE_MS = 30_000;

/**
 * Asks a coordinator one thing, as a transaction manager of its own that comes and goes: for tests that want to know what
 * the coordinator says, whatever the library under test makes of it.
 */
export async function seataCall<T extends RequestType>(
  server: string,
  request: Request<T>,
): Promise<ResponseTo<T>> {
  const [host = '', port] = server.split(':');
  const socket = connect({ host, port: Number(port), timeout: DEADLINE_MS });
  try {
    await once(socket, 'connect');
    const answers = answersOf(socket);
    const registration = {
      version: '1.8.0',
      applicationId: 'seata-call',
      txServiceGroup: 'default_tx_group',
    };
    await ask(socket, answers, 1, { type: 'RegisterTm', ...registration, extraData: '' });
    return (await ask(socket, answers, 2, request as unknown as Message)) as unknown as ResponseTo<T>;
  } finally {
    socket.destroy();
  }
}

async function ask(
  socket: Socket,
  answers: AsyncIterator<Message>,
  id: number,
  request: Message,
): Promise<Message> {
  socket.write(encodeFrame({ kind: 'REQUEST', id, body: encodeMessage(request) }));
  const answer = await answers.next();
  if (answer.done)
    throw new Error(`The coordinator closed the connection instead of an answer to ${request.type}.`);
  return answer.value;
}

async function* answersOf(socket: Socket): AsyncGenerator<Message, undefined> {
  const decoder = new FrameDecoder();
  socket.on('timeout', () => socket.destroy(new Error('The coordinator does not answer.')));
  for await (const chunk of socket) {
    for (const { kind, body } of decoder.push(chunk as Buffer))
      if (kind === 'RESPONSE') yield decodeMessage(body);
  }
  return undefined;
}
