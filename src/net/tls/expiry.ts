import type { LogLevel } from '#base';

const DAY_MS = 24 * 3_600_000;

/** From so many days before its end on, a certificate should have been renewed. */
const SOON_DAYS = 14;

/** What there is to say of a certificate's end. */
export interface ExpiryWord {
  readonly level: LogLevel;
  readonly message: string;
  /** Whole days that are left; below 0 once it is over. */
  readonly daysLeft: number;
}

/** What is to be said of a certificate that ends then; undefined while that is far off. */
export function expiryWord(expires: Date, now: Date): ExpiryWord | undefined {
  const left = expires.getTime() - now.getTime();
  const daysLeft = Math.floor(left / DAY_MS);
  if (left <= 0) return { level: 'error', message: 'the certificate has expired', daysLeft };
  if (daysLeft >= SOON_DAYS) return undefined;
  return { level: 'warn', message: 'the certificate expires soon', daysLeft };
}
