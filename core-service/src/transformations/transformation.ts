/**
 * The way of a transformation: `pending -> processing -> completed | failed`,
 * `pending -> cancelled`. A pending one may also fail, when its hold expires. The database holds
 * the same rules (migration `transformations`).
 */
export const TRANSFORMATION_STATUSES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'cancelled',
] as const;
export type TransformationStatus = (typeof TRANSFORMATION_STATUSES)[number];

const NEXT: Record<TransformationStatus, readonly TransformationStatus[]> = {
  pending: ['processing', 'failed', 'cancelled'],
  // Again processing: the worker died and another took over.
  processing: ['processing', 'completed', 'failed'],
  completed: [],
  failed: [],
  cancelled: [],
};

/** The statuses from which a transformation may become `to`. */
export function statusesBefore(to: TransformationStatus): TransformationStatus[] {
  return TRANSFORMATION_STATUSES.filter((from) => NEXT[from].includes(to));
}

export function isFinal(status: TransformationStatus): boolean {
  return NEXT[status].length === 0;
}

export interface WeightedStyle {
  id: string;
  /** Share in the blend; the shares of a transformation sum to 1. */
  weight: number;
}

export interface TransformationOptions {
  /** 0..1 */
  strength: number;
  preserveColors: boolean;
  /** Longest side of the output in pixels; absent: the input's. */
  maxSize?: number;
  /** Size of the style's strokes relative to those made at the output's own resolution, 0.5..4. */
  strokeScale: number;
  /** JPEG quality, 1..100. */
  quality: number;
}

/** Of a picture that goes by tiles. */
export interface Progress {
  tilesDone: number;
  tilesTotal: number;
}

export interface Transformation {
  id: string;
  userId: string;
  status: TransformationStatus;
  styles: WeightedStyle[];
  options: TransformationOptions;
  /** Tokens. */
  price: number;
  /** Of the output, in pixels. */
  width: number;
  height: number;
  originalKey: string;
  /** Where its ending is posted besides the owner's webhook endpoints. */
  webhookUrl: string | null;
  /** null: not known yet, or run in one piece. */
  progress: Progress | null;
  result: { key: string; bytes: number; digest: string } | null;
  /** Milliseconds that the network ran. */
  inferenceMs: number | null;
  error: { code: string; detail: string } | null;
  queuedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  imagesDeletedAt: Date | null;
}
