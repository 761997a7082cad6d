import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { changeOfAvailable, TRANSFER_KINDS, type TransferKind } from './ledger.js';
import type { LedgerLine } from './ledger.repository.js';

export class BalanceBody {
  @ApiProperty({ description: 'Tokens free to spend.', example: 90 })
  available!: number;

  @ApiProperty({
    description: 'Tokens set aside for transformations and styles under way.',
    example: 10,
  })
  held!: number;
}

export class EntryBody {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: TRANSFER_KINDS })
  kind!: TransferKind;

  @ApiProperty({
    description:
      'Change of the available balance, signed. A hold takes its tokens at once, so settling it changes nothing any more: its amount is 0.',
    example: -10,
  })
  amount!: number;

  @ApiProperty({ description: 'Available balance after this line.', example: 90 })
  balanceAfter!: number;

  @ApiPropertyOptional({ format: 'uuid' })
  transformationId?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The style that was made, deleted or not.' })
  styleId?: string;

  @ApiProperty({ example: 'Held for a transformation' })
  description!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date;

  static of(line: LedgerLine): EntryBody {
    return {
      id: line.id,
      kind: line.kind,
      amount: changeOfAvailable(line.kind, line.amount),
      balanceAfter: line.availableAfter,
      ...(line.transformationId && { transformationId: line.transformationId }),
      ...(line.styleId && { styleId: line.styleId }),
      description: line.description,
      createdAt: line.createdAt,
    };
  }
}

export class EntryPageBody {
  @ApiProperty({ type: [EntryBody] })
  items!: EntryBody[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}
