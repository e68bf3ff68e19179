import { CommanderError } from 'commander';
import { type AppError, asAppError, failure } from '#base';

/** Says on stderr what went wrong and how to mend it; gives the exit code. */
export function report(thrown: unknown): number {
  const error = thrown instanceof CommanderError ? usage(thrown) : asAppError(thrown);
  process.stderr.write(
    `fairlead: ${error.message}\n${error.hint === undefined ? '' : `  hint: ${error.hint}\n`}`,
  );
  return error.exit;
}

function usage(error: CommanderError): AppError {
  if (error.code === 'commander.help') return failure('usage_invalid', { problem: 'a verb is missing' });
  return failure('usage_invalid', { problem: error.message.replace(/^error: /, '').replaceAll('\n', ' ') });
}
