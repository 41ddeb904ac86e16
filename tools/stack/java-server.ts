import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/** The configuration's hash on the command line: a running server shows what it was started with. */
export function fingerprint(configuration: string): string {
  return `-Dtxmsg.configuration=${createHash('sha256').update(configuration).digest('hex').slice(0, 16)}`;
}

export function acceptsConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (accepted: boolean) => () => {
      socket.destroy();
      resolve(accepted);
    };
    socket.on('connect', answer(true)).on('error', answer(false)).on('timeout', answer(false));
  });
}
