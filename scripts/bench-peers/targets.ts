import { JOHNSON, OURS } from './peer-commands.js';
import { ratioOf, type SizeResult, timeOf } from './peers-result.js';

/** Share of the machine's measured peak, over the whole network. */
export const PEAK_TARGET = 0.6;
const SIDE = 512;
const MS_TARGET = 45;
const JOHNSON_TARGET = 6;

/** Our targets and whether this run met them. Reported, not enforced: machines differ. */
export function targetLines(sizes: readonly SizeResult[], fractionOfPeak: number): string[] {
  const size = sizes.find(({ side }) => side === SIDE);
  const ms = size && timeOf(size, OURS);
  const ratio = size && ratioOf(size, JOHNSON, OURS);
  const line = (what: string, figure: string, met: boolean) =>
    `- Target ${met ? 'met' : 'missed'}: ${what}; here ${figure}.`;
  return [
    ...(ms === undefined
      ? []
      : [
          line(
            `at most ${MS_TARGET} ms at ${SIDE} x ${SIDE}`,
            `${ms.toFixed(1)} ms`,
            ms <= MS_TARGET,
          ),
        ]),
    ...(ratio === undefined
      ? []
      : [
          line(
            `at least ${JOHNSON_TARGET} times as fast as Johnson in ONNX Runtime at ${SIDE} x ${SIDE}`,
            `${ratio.toFixed(1)} times`,
            ratio >= JOHNSON_TARGET,
          ),
        ]),
    line(
      `at least ${100 * PEAK_TARGET} % of the measured peak over the whole network`,
      `${(100 * fractionOfPeak).toFixed(0)} %`,
      fractionOfPeak >= PEAK_TARGET,
    ),
  ];
}
