import type { Server, Socket } from 'node:net';

/**
 * Follows a server's connections. The function it returns drops those on which nothing was ever
 * said: clients open some in advance, and a closing server would wait a minute for each, since Node
 * counts them as at work.
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
