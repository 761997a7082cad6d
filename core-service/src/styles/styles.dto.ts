import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { CatalogueStyle } from '../inference/inference.js';

export class StyleBody {
  @ApiProperty({ example: 'starry-night' })
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

  static of({ id, name, description, source, tags }: CatalogueStyle): StyleBody {
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
}

export class StyleListBody {
  @ApiProperty({ type: [StyleBody] })
  items!: StyleBody[];
}
