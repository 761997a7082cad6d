export type UserRole = 'user' | 'operator';

export interface User {
  id: string;
  email: string;
  role: UserRole;
  emailVerified: boolean;
  createdAt: Date;
}

/** One form for addresses that look alike: NFKC (full-width letters and the like), lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
