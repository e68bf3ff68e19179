/**
 * Builds the package's program in dist/: one bundle, with a chunk for each verb so that `--help` loads none, and the
 * licences of what was bundled. The native runtime stays outside: users choose whether to install it.
 *
 *   node scripts/run.mjs scripts/build.ts
 */
import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundledPackages, licenceText } from './licences.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Bundled CommonJS calls `require` for Node's own modules, which a module of ES does not have. */
const REQUIRE =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'src/cli/main.ts',
      thread: 'src/server/translation/io/thread.ts',
      'model-thread': 'src/server/runtimes/io/model-thread.ts',
      'hash-thread': 'src/store/io/hashing/hash-thread.ts',
    },
    outdir: 'dist',
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    treeShaking: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['source'],
    external: ['onnxruntime-node'],
    legalComments: 'inline',
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

rmSync(dist, { recursive: true, force: true });
const metafile = await bundle();
cpSync(join(root, 'src', 'server', 'runtimes', 'python', 'worker'), join(dist, 'python'), {
  recursive: true,
  filter: path => !path.endsWith('__pycache__'),
});
copyFileSync(join(root, 'scripts', 'fairlead.js'), join(dist, 'fairlead.js'));
chmodSync(join(dist, 'fairlead.js'), 0o755);
writeFileSync(join(dist, 'THIRD_PARTY_LICENSES.txt'), licenceText(root, bundledPackages(metafile)));
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stderr.write(
  `dist: ${Object.keys(metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB\n`,
);
