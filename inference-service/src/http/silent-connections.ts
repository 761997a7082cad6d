import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Drops connections on which nothing was ever said when the server closes. Clients open some in
 * advance; Node counts them as at work and would wait a minute for each.
 */
export function dropSilentConnections(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  });
}
