/**
 * Builds the package's program in dist/, or in another folder: one bundle, with a chunk for each verb so that `--help` loads none,
 * and what was bundled, with its licences. The native runtime stays outside: users choose whether to install it. The same sources
 * are the same bytes, wherever they lie and go.
 *
 *   node scripts/run.mjs scripts/build.ts [--out DIR]
 */
import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, sizes } from './bundle.ts';
import { bundledPackages, licenceText, packageList } from './licences.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const root = join(import.meta.dirname, '..');
const dist = values.out === undefined ? join(root, 'dist') : resolve(values.out);

rmSync(dist, { recursive: true, force: true });
const metafile = await bundle(root, dist);
cpSync(join(root, 'src', 'server', 'runtimes', 'python', 'worker'), join(dist, 'python'), {
  recursive: true,
  filter: path => !path.endsWith('__pycache__'),
});
copyFileSync(join(root, 'scripts', 'fairlead.js'), join(dist, 'fairlead.js'));
chmodSync(join(dist, 'fairlead.js'), 0o755);
const packages = bundledPackages(metafile);
writeFileSync(join(dist, 'THIRD_PARTY_LICENSES.txt'), licenceText(root, packages));
writeFileSync(join(dist, 'packages.json'), `${JSON.stringify(packageList(root, packages), null, 1)}\n`);
process.stderr.write(sizes(metafile));
