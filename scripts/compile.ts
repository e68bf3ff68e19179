// Loads every room once, so that Node's compile cache holds them all. Run by scripts/run.mjs after an install.
import { flushCompileCache } from 'node:module';

await Promise.all([
  import('#base'),
  import('#spec'),
  import('#store'),
  import('#server'),
  import('#local'),
  import('../src/cli/verbs/schema.ts'),
  import('../src/cli/verbs/serve.ts'),
  import('../src/cli/verbs/up.ts'),
  import('commander'),
]);

flushCompileCache();
