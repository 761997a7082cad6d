import { type ApiBodyOptions, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { CatalogueStyle } from '../inference/inference.js';
import type { CustomStyle } from './custom-style.js';

type Schema = Extract<ApiBodyOptions, { schema: unknown }>['schema'];

/** The multipart body of `POST /v1/styles`, for the API document. */
export const newStyleSchema: Schema = {
  type: 'object',
  required: ['image', 'name'],
  properties: {
    image: {
      type: 'string',
      format: 'binary',
      description: 'Any picture; the same kinds and limits as for `POST /v1/transformations`.',
    },
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 80,
      description: 'Need not be unique.',
      example: "My grandmother's quilt",
    },
  },
};

export class StyleBody {
  @ApiProperty({ description: 'A UUID when it is custom.', example: 'starry-night' })
  id!: string;

  @ApiProperty({ example: 'The Starry Night' })
  name!: string;

  @ApiProperty({ enum: ['catalogue', 'custom'] })
  kind!: 'catalogue' | 'custom';

  @ApiPropertyOptional()
  description?: string;

  @ApiPropertyOptional({ description: 'The work that the style was learnt from.' })
  source?: string;

  @ApiProperty({ type: [String] })
  tags!: string[];

  @ApiProperty({
    description: 'WebP; relative to the address of this API.',
    example: '/v1/styles/starry-night/preview',
  })
  previewUrl!: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Of custom styles.',
  })
  createdAt?: Date;

  static ofCatalogue({ id, name, description, source, tags }: CatalogueStyle): StyleBody {
    return {
      id,
      name,
      kind: 'catalogue',
      ...(description && { description }),
      ...(source && { source }),
      tags: tags ?? [],
      previewUrl: `/v1/styles/${encodeURIComponent(id)}/preview`,
    };
  }

  static ofCustom({ id, name, createdAt }: CustomStyle): StyleBody {
    return {
      id,
      name,
      kind: 'custom',
      tags: [],
      previewUrl: `/v1/styles/${id}/preview`,
      createdAt,
    };
  }
}

export class StyleListBody {
  @ApiProperty({ type: [StyleBody] })
  items!: StyleBody[];
}
