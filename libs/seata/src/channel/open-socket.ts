import { connect, type Socket } from 'node:net';
import type { BrokerAddress } from 'txmsg/building-blocks';

/**
 * Connects. Nothing is left of a connection that failed.
 * @param signal - stops connecting
 */
export function openSocket(
  { host, port }: BrokerAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const concluded = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off('connect', connected);
    };
    const connected = (): void => {
      concluded();
      socket.off('error', failed);
      resolve(socket);
    };
    // Stays until the socket is closed: destroying it may emit one more error.
    const failed = (error: Error): void => {
      concluded();
      socket.destroy();
      reject(error);
    };
    const aborted = (): void => {
      failed(new Error('connecting was given up'));
    };
    const timer = setTimeout(() => {
      failed(new Error(`no connection within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('connect', connected).on('error', failed);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
  });
}
