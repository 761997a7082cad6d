import { z } from 'zod';
import { pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import { deviceName } from './device.js';
import type { ListedSession } from './sessions.repository.js';

const ListedSessionBody = z
  .object({
    id: Id,
    current: z.boolean().meta({ description: 'Whether this request belongs to it.' }),
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
    lastSeenAt: z.date().meta({
      description: 'When it was opened or last refreshed.',
      example: '2026-11-29T09:15:00.000Z',
    }),
    device: z
      .string()
      .meta({ description: 'As its User-Agent says.', example: 'Firefox on Linux' }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Null unless the operator keeps IP addresses.', example: null }),
  })
  .meta({ id: 'ListedSession' });
type ListedSessionBody = z.output<typeof ListedSessionBody>;

export const SessionPageBody = pageSchema(ListedSessionBody).meta({ id: 'SessionPage' });
export type SessionPageBody = z.output<typeof SessionPageBody>;

export function listedSessionBody(
  { id, createdAt, lastSeenAt, userAgent, address }: ListedSession,
  current?: string,
): ListedSessionBody {
  const device = deviceName(userAgent);
  return { id, current: id === current, createdAt, lastSeenAt, device, address };
}
