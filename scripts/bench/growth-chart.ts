import { join } from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../run/settings.js';

export interface Curve {
  connections: number;
  points: { transfers: number; share: number; hotShare: number }[];
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [900, 480, 70, 190, 40, 60];
const COLOURS = ['#1b6ca8', '#d1495b', '#2e933c'];

/** Draws shares over transfers (logarithmic), one line per number of connections. */
export async function drawGrowth(curves: Curve[], path: string): Promise<void> {
  const points = curves.flatMap((curve) => curve.points);
  const most = Math.max(1, ...points.map(({ share }) => share));
  const logs = points.map(({ transfers }) => Math.log10(transfers));
  const [first, last] = [Math.min(...logs), Math.max(...logs)];
  const x = (transfers: number) =>
    LEFT + ((Math.log10(transfers) - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - (share / most) * (HEIGHT - TOP - BOTTOM);
  const text = (at: [number, number], words: string, more = '') =>
    `<text x="${at[0]}" y="${at[1]}" font-family="sans-serif" font-size="14" fill="#333" ${more}>${words}</text>`;
  const line = (curve: Curve, key: 'share' | 'hotShare', colour: string) => {
    const path = curve.points.map((point) => `${x(point.transfers)},${y(point[key])}`).join(' ');
    const dashes = key === 'hotShare' ? 'stroke-dasharray="6 4"' : '';
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" ${dashes}/>`;
  };
  const ticks = [0, 0.25, 0.5, 0.75, 1].filter((share) => share <= most);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="100%" height="100%" fill="#fff"/>
    ${text([LEFT, 24], 'Ledger transactions a second, as a share of TPC-B on the same server', 'font-weight="bold"')}
    ${ticks.map((share) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>${text([28, y(share) + 5], share.toFixed(2))}`).join('')}
    ${(curves[0]?.points ?? []).map(({ transfers }) => text([x(transfers), HEIGHT - 34], transfers.toLocaleString('en'), 'text-anchor="middle"')).join('')}
    ${text([(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10], 'transfers in the database', 'text-anchor="middle"')}
    ${curves.map((curve, i) => line(curve, 'share', String(COLOURS[i])) + line(curve, 'hotShare', String(COLOURS[i]))).join('')}
    ${curves.map(({ connections }, i) => text([WIDTH - RIGHT + 15, TOP + 30 + i * 24], `${connections} connection${connections > 1 ? 's' : ''}`, `style="fill:${COLOURS[i]}"`)).join('')}
    ${text([WIDTH - RIGHT + 15, TOP + 30 + curves.length * 24 + 10], 'dashed: one user alone')}
  </svg>`;
  await sharp(Buffer.from(svg)).png().toFile(join(ROOT, path));
}
