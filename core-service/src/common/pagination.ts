import { z } from 'zod';

/** The 22 characters of base64url that a UUIDv7 makes: its version and variant fix the tenth and twelfth. */
const CURSOR = /^[\w-]{8}[c-f][\w-][CGKOSWaeimquy26-][\w-]{10}[AQgw]$/;

export const PageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ description: 'Items on a page.' }),
  cursor: z
    .string()
    .regex(CURSOR, 'is not a cursor of this list')
    .transform(idOf)
    .optional()
    .meta({ description: 'The `nextCursor` of the page before.' }),
});
export type PageQuery = z.output<typeof PageQuery>;

/** One page of a list, newest first. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .regex(CURSOR)
      .nullable()
      .meta({ description: 'The `cursor` of the next page; null on the last.', example: null }),
  });

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/**
 * Cuts a page out of rows read with `limit + 1`, newest first. A cursor is the id of the last
 * item shown; UUIDv7 ids sort by time of creation.
 */
export function pageOf<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last ? encodeCursor(last.id) : null,
  };
}

function encodeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function idOf(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
