import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../common/pagination.js';
import {
  type Transformation,
  TRANSFORMATION_STATUSES,
  type TransformationStatus,
} from './transformation.js';

export class WeightedStyleBody {
  @ApiProperty({ example: 'starry-night' })
  id!: string;

  @ApiProperty({ description: 'Share in the blend; the shares sum to 1.', example: 1 })
  weight!: number;
}

export class TransformationOptionsBody {
  @ApiProperty({ minimum: 0, maximum: 1, example: 1 })
  strength!: number;

  @ApiProperty({ example: false })
  preserveColors!: boolean;

  @ApiPropertyOptional({ description: 'Longest side of the output in pixels.', example: 1024 })
  maxSize?: number;

  @ApiProperty({
    minimum: 0.5,
    maximum: 4,
    description: "Size of the style's strokes relative to the output.",
    example: 1,
  })
  strokeScale!: number;

  @ApiProperty({ minimum: 1, maximum: 100, example: 90 })
  quality!: number;
}

export class ProgressBody {
  @ApiProperty({ example: 12 })
  tilesDone!: number;

  @ApiProperty({ example: 144 })
  tilesTotal!: number;
}

export class TransformationErrorBody {
  @ApiProperty({ example: 'TRANSFORMATION_FAILED' })
  code!: string;

  @ApiProperty()
  detail!: string;
}

export class TransformationBody {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: TRANSFORMATION_STATUSES })
  status!: TransformationStatus;

  @ApiProperty({ type: [WeightedStyleBody] })
  styles!: WeightedStyleBody[];

  @ApiProperty()
  options!: TransformationOptionsBody;

  @ApiProperty({ description: 'Tokens.', example: 10 })
  price!: number;

  @ApiProperty({ description: 'Of the output, in pixels.', example: 1024 })
  width!: number;

  @ApiProperty({ example: 683 })
  height!: number;

  @ApiPropertyOptional({
    description: 'Of a picture so large that it goes by tiles, once the first is done.',
  })
  progress?: ProgressBody;

  @ApiProperty({ type: String, format: 'date-time' })
  queuedAt!: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startedAt!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  completedAt!: Date | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds the network ran.' })
  inferenceMs!: number | null;

  @ApiPropertyOptional()
  error?: TransformationErrorBody;

  @ApiPropertyOptional({
    description: 'Relative to the address of this API; there once it is completed.',
    example: '/v1/transformations/019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f/result',
  })
  resultUrl?: string;

  static of(transformation: Transformation): TransformationBody {
    const { id, status, styles, options, price, width, height, progress } = transformation;
    const { queuedAt, startedAt, completedAt, inferenceMs, error, result } = transformation;
    return {
      id,
      status,
      styles,
      options,
      price,
      width,
      height,
      ...(progress && { progress }),
      queuedAt,
      startedAt,
      completedAt,
      inferenceMs,
      ...(error && { error }),
      ...(result && { resultUrl: `/v1/transformations/${id}/result` }),
    };
  }
}

export class TransformationPageBody {
  @ApiProperty({ type: [TransformationBody] })
  items!: TransformationBody[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class TransformationListQuery extends PageQuery {
  @ApiPropertyOptional({ enum: TRANSFORMATION_STATUSES })
  @IsOptional()
  @IsIn(TRANSFORMATION_STATUSES)
  status?: TransformationStatus;
}
