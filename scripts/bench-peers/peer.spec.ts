import { describe, expect, it } from '@jest/globals';
import { Peer } from './peer.js';

const node = (program: string) => ({
  name: 'peer',
  file: process.execPath,
  args: ['-e', program],
});

const ECHO = `
  console.log(JSON.stringify({ engine: 'echo' }));
  process.stdin.on('data', (line) => {
    const { runs } = JSON.parse(line);
    if (runs === 13) throw new Error('unlucky');
    console.log(JSON.stringify({ times: Array(runs).fill(1) }));
  });`;

describe('a peer in a separate process', () => {
  it('reports its engine and the times of its runs', async () => {
    const { peer, engine } = await Peer.start(node(ECHO));
    expect(engine).toBe('echo');
    expect(await peer.run(2)).toEqual([1, 1]);
    await peer.stop();
  });

  it('fails with its own error when it exits during a run', async () => {
    const { peer } = await Peer.start(node(ECHO));
    await expect(peer.run(13)).rejects.toThrow('Error: unlucky');
    await peer.stop();
  });

  it('fails when it exits before it is ready, is killed or does not exist', async () => {
    await expect(Peer.start(node('process.kill(process.pid, 9)'))).rejects.toThrow('SIGKILL');
    const missing = { name: 'peer', file: '/no/such/program', args: [] };
    await expect(Peer.start(missing)).rejects.toThrow('ENOENT');
  });
});
