/** A process as Linux tells of it; elsewhere, nothing is known. */
import { readdirSync } from 'node:fs';

export { cpuSecondsOf, residentMib } from '../../fuzz/wire/usage.ts';

export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
