/**
 * Builds the package's program in dist/: one bundle, with a chunk for each verb so that `--help` loads none, and the
 * licences of what was bundled. The native runtime stays outside: users choose whether to install it.
 *
 *   node scripts/run.mjs scripts/build.ts
 */
import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, sizes } from './bundle.ts';
import { bundledPackages, licenceText } from './licences.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const metafile = await bundle(root, dist);
cpSync(join(root, 'src', 'server', 'runtimes', 'python', 'worker'), join(dist, 'python'), {
  recursive: true,
  filter: path => !path.endsWith('__pycache__'),
});
copyFileSync(join(root, 'scripts', 'fairlead.js'), join(dist, 'fairlead.js'));
chmodSync(join(dist, 'fairlead.js'), 0o755);
writeFileSync(join(dist, 'THIRD_PARTY_LICENSES.txt'), licenceText(root, bundledPackages(metafile)));
process.stderr.write(sizes(metafile));
