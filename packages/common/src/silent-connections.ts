import type { Server, Socket } from 'node:net';

/**
 * Tracks a server's connections. The returned function closes those that never sent a request: clients
 * open some in advance, Node counts them as active, and a closing server would wait a minute for each.
 */
export function followSilentConnections(server: Server): () => void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
