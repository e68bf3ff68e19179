/** Resident memory of a server while something else goes on. */
import { residentBytes } from '../../measure/usage.ts';

export interface Memory {
  readonly before: number;
  readonly peak: number;
  /** When it was over. */
  readonly after: number;
}

/** Seldom enough to cost the cores under measurement next to nothing. */
const EVERY_MS = 500;

/** Does it, and tells bytes before, at most meanwhile, and after. */
export async function watched<T>(pid: number, what: () => Promise<T>): Promise<[T, Memory]> {
  const before = residentBytes(pid);
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, EVERY_MS);
  try {
    const result = await what();
    const after = residentBytes(pid);
    return [result, { before, peak: Math.max(peak, after), after }];
  } finally {
    clearInterval(timer);
  }
}
