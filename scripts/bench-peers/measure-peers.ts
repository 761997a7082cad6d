import { join } from 'node:path';
import { checkAgreement, readPlanes } from './agreement.js';
import { Peer } from './peer.js';
import {
  JOHNSON,
  JOHNSON_TORCH,
  JOHNSON_TORCH_LAST,
  OURS,
  OURS_TFJS_NODE,
  OURS_WASM,
  peerCommands,
  WORK_FOLDER,
} from './peer-commands.js';
import type { SizeResult } from './peers-result.js';
import { type Limits, rounds, type Turns } from './rounds.js';

/** Pairs that run the same network. */
const SAME: readonly [string, string][] = [
  [OURS, OURS_WASM],
  [OURS, OURS_TFJS_NODE],
  [JOHNSON, JOHNSON_TORCH],
  [JOHNSON, JOHNSON_TORCH_LAST],
];

/**
 * Measures all networks at one size, in turn. The result contains the error of one that cannot run.
 *
 * @param engines receives the engine of each network.
 * @throws Error when ours cannot run.
 */
export async function measurePeers(
  side: number,
  limits: Limits,
  engines: Map<string, string>,
): Promise<SizeResult> {
  const peers: Peer[] = [];
  const failed: Turns[] = [];
  try {
    for (const command of peerCommands(side))
      try {
        const { peer, engine } = await Peer.start(command);
        peers.push(peer);
        engines.set(command.name, engine);
      } catch (error) {
        failed.push({ name: command.name, error: (error as Error).message });
      }
    const turns = [...(await rounds(peers, limits)), ...failed];
    const ours = turns.find(({ name }) => name === OURS);
    if (!ours || 'error' in ours) throw new Error(`Our network did not run: ${ours?.error}`);
    return { side, turns };
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** Checks that engines that run the same network agree. @throws Error when two do not. */
export async function checkPeers(side: number): Promise<void> {
  const results = new Map<string, Float32Array>();
  for (const command of peerCommands(side)) {
    if (!SAME.some((names) => names.includes(command.name))) continue;
    const { peer } = await Peer.start(command);
    const path = join(WORK_FOLDER, 'planes.f32');
    await peer.save(path).finally(() => peer.stop());
    results.set(command.name, readPlanes(path));
  }
  for (const [a, b] of SAME.filter((names) => names.every((name) => results.has(name))))
    checkAgreement(
      `${a}, and ${b},`,
      results.get(a) ?? new Float32Array(),
      results.get(b) ?? new Float32Array(),
    );
}
