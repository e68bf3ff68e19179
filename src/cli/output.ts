import { failure } from '#base';
import { report } from './report.ts';

/** Whether this run prints and ends, or goes on serving whoever listens to it. */
export type Kind = 'one-shot' | 'lasting';

/**
 * What happens when nobody can take the output any more. Talk on stderr is dropped: no work ends for want of a reader. On
 * stdout a server goes on; what only prints ends, quietly when its reader left, else with a sentence and 3.
 */
export function surviveDeadReaders(kind: () => Kind): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', error => {
    if (kind() === 'lasting') return;
    if (isReaderGone(error)) process.exit(process.exitCode ?? 0);
    process.exit(report(failure('output_failed', { problem: error.message })));
  });
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ECONNRESET';
}
