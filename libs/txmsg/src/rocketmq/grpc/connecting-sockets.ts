import type { Socket } from 'node:net';
import type { ChannelCredentials } from '@grpc/grpc-js';

/**
 * Credentials whose channels, when they are closed, also close the sockets of connections that are not made yet.
 * grpc-js 1.14.7 forgets those: against a proxy that takes connections and says nothing, every client that was
 * replaced left a socket behind, for as long as the proxy stayed mute.
 * Test: tried-address.spec.ts, "names it also when nothing comes back from there".
 */
export function closingConnectingSockets(credentials: ChannelCredentials): ChannelCredentials {
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (...parameters) => {
    const sockets = new Set<Socket>();
    const connector = create(...parameters);
    const connect = connector.connect.bind(connector);
    const destroy = connector.destroy.bind(connector);
    return Object.assign(connector, {
      connect: (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return connect(socket);
      },
      destroy: () => {
        destroy();
        // Where something has come back, grpc-js closes the connection itself, after the calls on it.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      },
    });
  };
  return credentials;
}
