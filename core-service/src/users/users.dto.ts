import { ApiProperty } from '@nestjs/swagger';
import type { User, UserRole } from './user.js';

export class UserBody {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ enum: ['user', 'operator'] })
  role!: UserRole;

  @ApiProperty()
  emailVerified!: boolean;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date;

  static of({ id, email, role, emailVerified, createdAt }: User): UserBody {
    return { id, email, role, emailVerified, createdAt };
  }
}
