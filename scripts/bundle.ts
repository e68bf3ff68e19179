import { build, type Metafile } from 'esbuild';
import { standIns } from './stand-ins.ts';

/** Programs of their own, each with what only it needs in chunks that are loaded when it is asked for. */
const ENTRIES = {
  main: 'src/cli/main.ts',
  thread: 'src/server/translation/io/thread.ts',
  'model-thread': 'src/server/runtimes/io/model-thread.ts',
  'hash-thread': 'src/store/io/hashing/hash-thread.ts',
};

/** Bundled CommonJS calls `require` for Node's own modules, which a module of ES does not have. Our own code imports it too. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);";

/** Bundles the program into a folder; without one it only says what would lie there. */
export async function bundle(
  root: string,
  dist?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...ENTRIES, ...more },
    outdir: dist ?? 'dist',
    write: dist !== undefined,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    treeShaking: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['source'],
    plugins: [standIns],
    // The one is the user's choice. The other reads listings of blobs in Arrow's format, which nobody asks for: 500 KiB.
    external: ['onnxruntime-node', 'apache-arrow'],
    // A folder of packages that is a link is no reason for other bytes, or for paths of this machine in them.
    preserveSymlinks: true,
    legalComments: 'inline',
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** The sizes of a bundle: of all of it, and of what the largest packages take. */
export function sizes({ outputs }: Metafile): string {
  const shares = new Map<string, number>();
  for (const { inputs } of Object.values(outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/(@[^/]+|[^/]+)/.exec(path)?.[1] ?? 'fairlead';
      shares.set(name, (shares.get(name) ?? 0) + bytesInOutput);
    }
  const kib = (bytes: number): number => Math.round(bytes / 1024);
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  const largest = [...shares].toSorted(([, a], [, b]) => b - a).slice(0, 8);
  const parts = largest.map(([name, share]) => `${name} ${kib(share)}`).join(', ');
  return `dist: ${Object.keys(outputs).length} files, ${kib(bytes)} KiB: ${parts}\n`;
}

/**
 * The packages that a start loads: those in chunks that are reached from an entry without an `import()` on the way. `entry` is
 * the source of it: one of `bundle`, or what some `import()` names.
 */
export function loadedWith(entry: string, { outputs }: Metafile): readonly string[] {
  const [start] = Object.entries(outputs).find(([, output]) => output.entryPoint === entry) ?? [];
  if (start === undefined) throw new Error(`nothing of the bundle begins with ${entry}`);
  const seen = new Set([start]);
  for (const path of seen)
    for (const one of outputs[path]?.imports ?? [])
      if (one.kind !== 'dynamic-import' && outputs[one.path] !== undefined) seen.add(one.path);
  const inputs = [...seen].flatMap(path => Object.entries(outputs[path]?.inputs ?? {}));
  const packages = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  return [...new Set(packages)].toSorted();
}
