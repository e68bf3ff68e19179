/**
 * Every scheme against its real server: the tests of the adapters, then what a user goes through, then all that can go wrong.
 *
 *   node scripts/run.mjs test/stores/run.ts [--only s3,gs,az,oci,https] [--skip-adapters] [--may-skip]
 *
 * The servers are those that the environment names: `AWS_ENDPOINT_URL_S3` with keys, `STORAGE_EMULATOR_HOST`,
 * `AZURE_STORAGE_CONNECTION_STRING`, `FAIRLEAD_TEST_REGISTRY` (plain HTTP). One that is not named is skipped, with the reason; that
 * is a failure without `--may-skip`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endChildrenWithUs } from '../../bench/measure/children.ts';
import { codeOf } from '../differential/peers/python.ts';
import { root } from '../programs/fairlead.ts';
import { faults } from './faults.ts';
import { journey } from './journey.ts';
import { container } from './shops/az.ts';
import { storageBucket } from './shops/gs.ts';
import { fileServer } from './shops/http.ts';
import { repository } from './shops/oci.ts';
import { bucket } from './shops/s3.ts';
import type { OpenShop } from './shops/shop.ts';

const shops: Readonly<Record<string, OpenShop>> = {
  https: fileServer,
  s3: bucket,
  gs: storageBucket,
  az: container,
  oci: repository,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(shops).join() },
    'skip-adapters': { type: 'boolean', default: false },
    'may-skip': { type: 'boolean', default: false },
  },
});

endChildrenWithUs();
const codes = [values['skip-adapters'] ? 0 : adapters()];
for (const name of values.only.split(',')) codes.push(await codeOf(() => visit(name), values['may-skip']));
process.exitCode = Math.max(...codes);

/** The exit code. A test of a store that is not named says so itself. */
function adapters(): number {
  const args = ['scripts/run.mjs', '--test', '--test-timeout=120000', 'src/store/io/**/*.test.ts'];
  const env = { ...process.env, FAIRLEAD_TEST_STORES: '1' };
  return spawnSync(process.execPath, args, { cwd: join(root), env, stdio: 'inherit' }).status ?? 1;
}

/** The exit code. */
async function visit(name: string): Promise<number> {
  const open = shops[name];
  if (open === undefined) throw new Error(`--only takes ${Object.keys(shops).join(', ')}, not '${name}'`);
  const since = performance.now();
  const shop = await open(process.env);
  try {
    await journey(shop);
    const outcomes = await faults(shop);
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    process.stdout.write(
      `${name}: pulled, served, replaced, pinned, damaged; of faults: ${outcomes}; ${seconds} s\n`,
    );
    return 0;
  } finally {
    await shop.remove();
  }
}
