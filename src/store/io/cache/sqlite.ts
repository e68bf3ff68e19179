/** `node:sqlite`, without the warning that Node 22 has for it: it says that the module may change, and what is used here has not. */
import type * as sqlite from 'node:sqlite';

type Sqlite = typeof sqlite;

let loaded: Sqlite | undefined;

export function openDatabase(path: string, readOnly: boolean): sqlite.DatabaseSync {
  loaded ??= quietly(() => process.getBuiltinModule('node:sqlite'));
  return new loaded.DatabaseSync(path, { readOnly });
}

/** Loading is synchronous, so that nobody else's warning can come in between. */
function quietly(load: () => Sqlite): Sqlite {
  const warn = process.emitWarning.bind(process);
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = warn;
  }
}
