import type { z } from 'zod';
import { type Network, parseNetwork } from '../common/networks.js';

export interface PortRange {
  from: number;
  to: number;
}

/** Empty entries do not count. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

export function networks(text: string, context: z.RefinementCtx): Network[] {
  return list(text).flatMap((entry) => {
    try {
      return [parseNetwork(entry)];
    } catch {
      const message = 'must be networks such as 10.1.0.0/16,fd12::/48';
      context.addIssue({ code: 'custom', message });
      return [];
    }
  });
}

export function portRanges(text: string, context: z.RefinementCtx): PortRange[] {
  return list(text).map((entry) => {
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(entry) ?? [];
    if (!from || Number(to) < Number(from) || Number(to) > 65_535)
      context.addIssue({ code: 'custom', message: 'must be ports such as 80,443,8000-8999' });
    return { from: Number(from), to: Number(to) };
  });
}
