import { median } from '../bench/statistics.js';

export interface Operand {
  /** ONNX Runtime's name: float, uint8, int64, … */
  type: string;
  shape: number[];
}

/** A node of a graph as ONNX Runtime executed it. */
export interface ExecutedNode {
  op: string;
  /** Prepacked weights may be missing. */
  inputs: Operand[];
  outputs: Operand[];
  ms: number;
}

interface ProfileEvent {
  cat: string;
  name: string;
  /** Microseconds. */
  dur: number;
  args?: {
    op_name?: string;
    node_index?: string;
    input_type_shape?: Record<string, number[]>[];
    output_type_shape?: Record<string, number[]>[];
  };
}

/** Their time is that of their inner nodes, which are listed too. */
const CONTAINERS = new Set(['If', 'Loop', 'Scan']);

/** The nodes in ONNX Runtime's profile, with the median time of the runs after warm-up. */
export function executedNodes(profile: string, warmUpRuns: number): ExecutedNode[] {
  const runs = new Map<string, ProfileEvent[]>();
  for (const event of JSON.parse(profile) as ProfileEvent[]) {
    const { node_index, op_name = '' } = event.args ?? {};
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time')) continue;
    if (CONTAINERS.has(op_name)) continue;
    // Subgraphs number their nodes from 0.
    const key = `${node_index} ${event.name}`;
    runs.set(key, [...(runs.get(key) ?? []), event]);
  }
  return [...runs.values()].map((events) => {
    const { op_name, input_type_shape, output_type_shape } = events[0]?.args ?? {};
    return {
      op: op_name ?? '',
      inputs: operands(input_type_shape),
      outputs: operands(output_type_shape),
      ms: median(events.slice(warmUpRuns).map(({ dur }) => dur / 1_000)),
    };
  });
}

const operands = (list: Record<string, number[]>[] = []): Operand[] =>
  list.flatMap((entry) => Object.entries(entry).map(([type, shape]) => ({ type, shape })));
