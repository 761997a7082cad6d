import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** What an account can be signed in to with. */
export interface SignInMethods {
  password: boolean;
  passkeys: number;
  identities: number;
}

/** Questions across the ways to sign in. */
@Injectable()
export class SignInRepository {
  constructor(private readonly dataSource: DataSource) {}

  async isYounger(sessionId: string, minutes: number): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT FROM sessions WHERE id = $1 AND created_at > now() - make_interval(mins => $2)`,
      [sessionId, minutes],
    );
    return rows.length > 0;
  }

  /** Locks the user, so that of two ways to sign in not both are removed as the last but one. */
  async lockMethods(manager: EntityManager, userId: string): Promise<SignInMethods> {
    await manager.query(`SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE`, [userId]);
    const [methods] = await manager.query<SignInMethods[]>(
      `SELECT password_hash IS NOT NULL AS password,
              (SELECT count(*)::int FROM passkeys WHERE user_id = $1) AS passkeys,
              (SELECT count(*)::int FROM identities WHERE user_id = $1) AS identities
         FROM users WHERE id = $1`,
      [userId],
    );
    return methods ?? { password: false, passkeys: 0, identities: 0 };
  }
}

export function waysToSignIn({ password, passkeys, identities }: SignInMethods): number {
  return Number(password) + passkeys + identities;
}
