import { z } from 'zod';
import { Id } from '../../common/uuid-param.js';
import { type AccountExport, EXPORT_STATUSES } from './exports.repository.js';

const time = z.date().meta({ example: '2026-11-29T08:00:00.000Z' });

export const ExportBody = z
  .object({
    id: Id,
    status: z.enum(EXPORT_STATUSES),
    createdAt: time,
    expiresAt: time.meta({ description: 'It is deleted then.' }),
    bytes: z.int().positive().optional().meta({ description: 'Of the file.', example: 1_048_576 }),
    downloadUrl: z.string().optional().meta({
      description: 'Relative to the address of this API; present once it is ready.',
      example: '/v1/me/export/019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f/file',
    }),
    error: z
      .object({
        code: z.string().meta({ example: 'STORAGE_FULL' }),
        detail: z.string().meta({ example: 'There was no room for the export. Ask for it again.' }),
      })
      .optional()
      .meta({ description: 'Why it failed.' }),
  })
  .meta({ id: 'AccountExport' });
export type ExportBody = z.output<typeof ExportBody>;

export function exportBody(row: AccountExport): ExportBody {
  const { id, status, createdAt, expiresAt, bytes, error } = row;
  return {
    id,
    status,
    createdAt,
    expiresAt,
    ...(bytes !== null && { bytes, downloadUrl: `/v1/me/export/${id}/file` }),
    ...(error && { error }),
  };
}
