import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import type { User } from '../users/user.js';
import { UserBody } from '../users/users.dto.js';
import type { TokenPair } from './sessions.service.js';

export class CredentialsDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254 })
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @ApiProperty({ example: 'correct horse battery', minLength: 10, maxLength: 128 })
  @IsString()
  @IsNotEmpty()
  // Far above the policy's 128, which answers WEAK_PASSWORD; bounds what is hashed.
  @MaxLength(1024)
  password!: string;
}

export class RefreshDto {
  @ApiProperty({ example: 'kR7…' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  refreshToken!: string;
}

export class SessionBody {
  @ApiProperty()
  user!: UserBody;

  @ApiProperty({ description: 'JWT; send it as `Authorization: Bearer …`.' })
  accessToken!: string;

  @ApiProperty({ enum: ['Bearer'] })
  tokenType!: 'Bearer';

  @ApiProperty({ description: 'Seconds until the access token expires.', example: 900 })
  expiresIn!: number;

  @ApiProperty({ description: 'Good for one `POST /v1/auth/refresh`.' })
  refreshToken!: string;

  static of(user: User, tokens: TokenPair): SessionBody {
    return {
      user: UserBody.of(user),
      accessToken: tokens.accessToken,
      tokenType: 'Bearer',
      expiresIn: tokens.expiresIn,
      refreshToken: tokens.refreshToken,
    };
  }
}
