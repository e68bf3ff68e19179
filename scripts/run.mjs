// Runs fairlead, its tests and its tools on the Node they were written for, from a fresh clone, with any
// Node >= 18 in front. No dependencies: this is what installs them.
//
//   node scripts/run.mjs ARGUMENTS…        = node 24 with `--conditions=source ARGUMENTS…`
//   node scripts/run.mjs --tool NAME …     = the tool of that name in node_modules/.bin
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, cpus } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.fairlead-installed');
/** For one test, on a machine with something else to do. */
const TEST_MS = 180_000;
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

install();
run(process.argv.slice(2));

/** Installs the locked dependencies, the first time and whenever the lock file has changed. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return refresh(lock);
  const why = existsSync(stamp) ? 'the lock file changed' : 'first run';
  process.stderr.write(`fairlead: installing dependencies (${why}; a minute or so)\n`);
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // onnxruntime-node holds its CPU library; its install script only adds a CUDA download that many networks refuse.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write(
      'fairlead: `npm ci` failed; its message is above. Mend that and run the same command again.\n',
    );
    process.exit(3);
  }
  compile();
  writeFileSync(stamp, lock);
  process.stderr.write('fairlead: ready\n');
}

/** Fills Node's compile cache, so that even the first start needs no TypeScript stripped: 25 MB and 60 ms less. */
function compile() {
  spawnSync(node, ['--conditions=source', join(root, 'scripts', 'compile.ts')], {
    cwd: root,
    env: environment(),
    stdio: 'inherit',
  });
}

function environment() {
  const path = [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { NODE_COMPILE_CACHE: join(modules, '.cache', 'compile'), ...process.env, PATH: path };
}

/** Makes the stamp newer than the lock file again (a checkout may touch it), so that `./fairlead` can skip this file. */
function refresh(lock) {
  writeFileSync(stamp, lock);
}

function run(args) {
  const [command, ...rest] =
    args[0] === '--tool'
      ? [join(modules, '.bin', args[1]), ...args.slice(2)]
      : [node, '--conditions=source', ...testing(args), ...args.map(inSource)];
  const child = spawn(command, rest, { stdio: 'inherit', env: environment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(child, signal));
  child.on('error', error => {
    process.stderr.write(
      `fairlead: ${command} does not start: ${error.message}. Delete node_modules and try again.\n`,
    );
    process.exit(3);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/**
 * On two cores Node would run one file of tests at a time, and most of them wait for something. One that waits for ever is ended
 * and named, instead of whatever runs the tests being ended without a word.
 */
function testing(args) {
  if (args[0] !== '--test') return [];
  return [`--test-concurrency=${Math.max(2, cpus().length - 1)}`, `--test-timeout=${TEST_MS}`];
}

/** A terminal sends Ctrl-C to the whole group, so the child has it already; other signals come to this process alone. */
function forward(child, signal) {
  if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
}

/** Paths in scripts are written from the root; users may stand elsewhere. */
function inSource(argument) {
  return argument.startsWith('src/') && argument.endsWith('.ts') && !argument.includes('*')
    ? join(root, argument)
    : argument;
}
