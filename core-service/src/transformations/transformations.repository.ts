import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  type Progress,
  statusesBefore,
  type Transformation,
  type TransformationOptions,
  type TransformationStatus,
  type WeightedStyle,
} from './transformation.js';

export interface NewTransformation {
  id: string;
  userId: string;
  styles: WeightedStyle[];
  options: TransformationOptions;
  price: number;
  width: number;
  height: number;
  originalKey: string;
  imagesExpireAt: Date;
  /** The key that submitted it. */
  apiKeyId?: string;
  webhookUrl?: string;
}

export interface Completion {
  resultKey: string;
  bytes: number;
  digest: string;
  inferenceMs: number;
}

/** The row as selected below, in which groups may be objects of nulls. */
type Row = Omit<Transformation, 'options' | 'progress' | 'result' | 'error'> & {
  options: Omit<TransformationOptions, 'strokeScale'> & { strokeScale?: number };
  progress: { tilesDone: number | null; tilesTotal: number };
  result: { key: string | null; bytes: number; digest: string };
  error: { code: string | null; detail: string };
};

const COLUMNS = `id, user_id AS "userId", status, styles, options, price, width, height,
  original_key AS "originalKey", webhook_url AS "webhookUrl",
  json_build_object('tilesDone', tiles_done, 'tilesTotal', tiles_total) AS progress,
  json_build_object('key', result_key, 'bytes', result_bytes, 'digest', result_digest) AS result,
  inference_ms AS "inferenceMs",
  json_build_object('code', error_code, 'detail', error_detail) AS error,
  queued_at AS "queuedAt", started_at AS "startedAt", completed_at AS "completedAt",
  images_deleted_at AS "imagesDeletedAt"`;

/** Conditions implied by a status, which the partial indexes need. */
const ENDED: Record<TransformationStatus, string> = {
  pending: 'completed_at IS NULL',
  processing: 'completed_at IS NULL',
  completed: 'result_key IS NOT NULL',
  failed: 'completed_at IS NOT NULL AND result_key IS NULL',
  cancelled: 'completed_at IS NOT NULL AND result_key IS NULL',
};

@Injectable()
export class TransformationsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(manager: EntityManager, row: NewTransformation): Promise<Transformation> {
    const [inserted] = await manager.query<Row[]>(
      `INSERT INTO transformations
         (id, user_id, styles, options, price, width, height, original_key, images_expire_at,
          api_key_id, webhook_url)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       RETURNING ${COLUMNS}`,
      [
        row.id,
        row.userId,
        JSON.stringify(row.styles),
        JSON.stringify(row.options),
        row.price,
        row.width,
        row.height,
        row.originalKey,
        row.imagesExpireAt,
        row.apiKeyId ?? null,
        row.webhookUrl ?? null,
      ],
    );
    return fromRow(inserted as Row);
  }

  async countOpen(manager: EntityManager, userId: string): Promise<number> {
    const [row] = await manager.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM transformations
        WHERE user_id = $1 AND completed_at IS NULL`,
      [userId],
    );
    return row?.count ?? 0;
  }

  /** @returns undefined if it has already ended */
  claim(manager: EntityManager, id: string): Promise<Transformation | undefined> {
    return this.become(
      manager,
      id,
      'processing',
      'started_at = coalesce(started_at, now()), tiles_done = NULL, tiles_total = NULL',
      [],
    );
  }

  /**
   * Only while it is processing, and never backwards if two workers process it.
   *
   * @returns whether the row changed
   */
  async writeProgress(id: string, { tilesDone, tilesTotal }: Progress): Promise<boolean> {
    const [, changed] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE transformations SET tiles_done = $2, tiles_total = $3
        WHERE id = $1 AND status = 'processing' AND coalesce(tiles_done, -1) < $2`,
      [id, tilesDone, tilesTotal],
    );
    return changed > 0;
  }

  complete(
    manager: EntityManager,
    id: string,
    { resultKey, bytes, digest, inferenceMs }: Completion,
  ): Promise<Transformation | undefined> {
    return this.become(
      manager,
      id,
      'completed',
      `completed_at = now(), result_key = $4, result_bytes = $5, result_digest = $6,
       inference_ms = $7`,
      [resultKey, bytes, digest, inferenceMs],
    );
  }

  fail(
    manager: EntityManager,
    id: string,
    error: { code: string; detail: string },
  ): Promise<Transformation | undefined> {
    return this.become(
      manager,
      id,
      'failed',
      'completed_at = now(), error_code = $4, error_detail = $5',
      [error.code, error.detail],
    );
  }

  cancel(manager: EntityManager, id: string): Promise<Transformation | undefined> {
    return this.become(manager, id, 'cancelled', 'completed_at = now()', []);
  }

  async markDeleted(manager: EntityManager, id: string): Promise<void> {
    await manager.query(`UPDATE transformations SET deleted_at = now() WHERE id = $1`, [id]);
  }

  async markImagesDeleted(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE transformations SET images_deleted_at = now() WHERE id = $1`,
      [id],
    );
  }

  async find(id: string): Promise<Transformation | undefined> {
    const [row] = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM transformations WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    return row && fromRow(row);
  }

  async findOfUser(id: string, userId: string): Promise<Transformation | undefined> {
    const found = await this.find(id);
    return found?.userId === userId ? found : undefined;
  }

  async list(
    userId: string,
    filter: { status?: TransformationStatus; before?: string; limit: number },
  ): Promise<Transformation[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM transformations
        WHERE user_id = $1 AND deleted_at IS NULL
          ${filter.status ? `AND status = $2 AND ${ENDED[filter.status]}` : 'AND $2::text IS NULL'}
          AND ($3::uuid IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4`,
      [userId, filter.status ?? null, filter.before ?? null, filter.limit],
    );
    return rows.map(fromRow);
  }

  /** Ended transformations whose images have expired or whose owner deleted them. */
  async withImagesToDelete(limit: number): Promise<Transformation[]> {
    const rows = await this.dataSource.query<Row[]>(
      // Two lists, each from a partial index of rows whose images still exist.
      `SELECT ${COLUMNS} FROM transformations WHERE id IN (
         (SELECT id FROM transformations
           WHERE images_deleted_at IS NULL AND completed_at IS NOT NULL AND images_expire_at <= now()
           ORDER BY images_expire_at LIMIT $1)
         UNION
         (SELECT id FROM transformations
           WHERE images_deleted_at IS NULL AND completed_at IS NOT NULL AND deleted_at IS NOT NULL
           ORDER BY id LIMIT $1))
       LIMIT $1`,
      [limit],
    );
    return rows.map(fromRow);
  }

  async countByStatus(): Promise<{ pending: number; processing: number }> {
    const [row] = await this.dataSource.query<{ pending: number; processing: number }[]>(
      `SELECT count(*) FILTER (WHERE status = 'pending')::int AS pending,
              count(*) FILTER (WHERE status = 'processing')::int AS processing
         FROM transformations WHERE completed_at IS NULL`,
    );
    return row ?? { pending: 0, processing: 0 };
  }

  private async become(
    manager: EntityManager,
    id: string,
    to: TransformationStatus,
    assignments: string,
    values: unknown[],
  ): Promise<Transformation | undefined> {
    const [rows] = await manager.query<[Row[], number]>(
      `UPDATE transformations SET status = $2, ${assignments}
        WHERE id = $1 AND status = ANY($3) RETURNING ${COLUMNS}`,
      [id, to, statusesBefore(to), ...values],
    );
    const [row] = rows;
    return row && fromRow(row);
  }
}

function fromRow(row: Row): Transformation {
  const { progress, result, error } = row;
  return {
    ...row,
    // Rows from before there was a choice lack it.
    options: { ...row.options, strokeScale: row.options.strokeScale ?? 1 },
    progress: progress.tilesDone === null ? null : { ...progress, tilesDone: progress.tilesDone },
    result: result.key === null ? null : { ...result, key: result.key },
    error: error.code === null ? null : { ...error, code: error.code },
  };
}
