/** Files that would run code when they are loaded: refused in every form, and by every path that a model can come by. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { root, run, startProgram } from '../programs/fairlead.ts';

interface Malice {
  readonly file: string;
  /** What is said of it, where only one thing can be. */
  readonly says: string;
  /** What would load it. */
  readonly package: string;
}

/** An interpreter, and what of all that it can load. */
interface Loader {
  readonly interpreter: string;
  readonly files: readonly Malice[];
}

const ONNX = join(root, 'examples/digits/models/digits/1/model.onnx');

/** What came of all of them. */
class Tally {
  #right = 0;
  wrong = 0;

  count(what: string, isRight: boolean, otherwise: string): void {
    if (isRight) this.#right++;
    else {
      this.wrong++;
      say(`${what}: WRONG: ${otherwise}`);
    }
  }

  get words(): string {
    return `${this.#right} of ${this.#right + this.wrong}`;
  }
}

/** How many were not refused, or have run. `interpreter` has all that is needed, but perhaps PyTorch. */
export async function wronglyLoaded(interpreter: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-malice-'));
  try {
    execFileSync(interpreter, [join(import.meta.dirname, 'make_malice.py'), folder], {
      stdio: ['ignore', 'inherit', 'ignore'],
    });
    const all = JSON.parse(readFileSync(join(folder, 'malice.json'), 'utf8')) as Malice[];
    const tally = new Tally();
    await withoutTheWall(folder, interpreter, tally);
    for (const loader of loaders(all, interpreter)) await byRepository(folder, loader, tally);
    await byEveryPath(folder, { interpreter, files: all }, tally);
    say(`files that would run code: ${tally.words} loads as they should be, and nothing ran`);
    return tally.wrong;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian's Python may have PyTorch, which the other has not. */
function loaders(all: readonly Malice[], interpreter: string): readonly Loader[] {
  const torch = ['/usr/bin/python3', 'python3'].find(one => {
    try {
      execFileSync(one, ['-c', 'import torch, numpy'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  const isTorchs = (one: Malice): boolean => one.package === 'torch';
  if (torch === undefined)
    say('files of PyTorch: there is no Python with PyTorch, so nothing could load them');
  return [
    { interpreter, files: all.filter(one => !isTorchs(one)) },
    { interpreter: torch ?? interpreter, files: all.filter(isTorchs) },
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The file must do harm where it may: else nothing that follows would show anything. */
async function withoutTheWall(folder: string, interpreter: string, tally: Tally): Promise<void> {
  const flags = ['--interpreter', interpreter, '--allow-unsafe-formats', '--port', '0'];
  await run(['serve', join(folder, 'bare.pkl'), ...flags]);
  tally.count('bare.pkl, where pickles are allowed', hasRun(folder), 'it does not run what it says');
}

/** Whether one has run since this was asked last. */
function hasRun(folder: string): boolean {
  const mark = join(folder, 'pwned');
  const isThere = existsSync(mark);
  rmSync(mark, { force: true });
  return isThere;
}

/** All of them as numbered versions in a repository, loaded by clients while another model is served. */
async function byRepository(folder: string, { interpreter, files }: Loader, tally: Tally): Promise<void> {
  const repository = mkdtempSync(join(tmpdir(), 'fairlead-malice-repository-'));
  place(ONNX, join(repository, 'good/1'));
  const flags = ['--model-control', '--interpreter', interpreter, '--log-level', 'fatal'];
  const server = await startProgram(['serve', repository, ...flags]);
  try {
    for (const [at, one] of files.entries()) {
      place(join(folder, one.file), join(repository, `m${at}/1`));
      const answer = await fetch(`${server.url}/v2/repository/models/m${at}/load`, { method: 'POST' });
      const text = await answer.text();
      const isRefused = !answer.ok && text.includes(one.says) && !hasRun(folder);
      tally.count(`${one.file}, loaded from a repository`, isRefused, `${answer.status} ${text}`);
    }
    tally.count('the other model', (await fetch(`${server.url}/v2/models/good/ready`)).ok, 'it is not ready');
  } finally {
    await server.stop();
    rmSync(repository, { recursive: true, force: true });
  }
}

/** A model as it lies in the folder of a version. */
function place(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const isFolder = statSync(from).isDirectory();
  cpSync(from, isFolder ? to : join(to, `model${extname(from)}`), { recursive: true });
}

/** Some of them, by each way that a model can be named. */
async function byEveryPath(folder: string, { interpreter, files }: Loader, tally: Tally): Promise<void> {
  const some = ['bare.pkl', 'packed.joblib', 'function.skops', 'evil.tar.gz'];
  for (const { file, says } of files.filter(one => some.includes(one.file)))
    for (const [way, args, env] of ways(folder, file, interpreter)) {
      const { code, stderr } = await run(args, env);
      const isRefused = code !== 0 && code !== null && stderr.includes(says || 'model') && !hasRun(folder);
      tally.count(`${file}, ${way}`, isRefused, `${code} ${stderr}`);
    }
}

type Way = readonly [name: string, args: readonly string[], env?: Readonly<Record<string, string>>];

function ways(folder: string, file: string, interpreter: string): readonly Way[] {
  const uri = join(folder, file);
  const home = join(folder, `by ${basename(file)}`);
  const lone = join(home, 'folder');
  place(uri, lone);
  place(uri, join(home, 'versions/1'));
  place(uri, join(home, 'repository/m/1'));
  const python = { interpreter };
  const serviceFile = (name: string, spec: object): string => {
    const path = join(home, name);
    writeFileSync(
      path,
      JSON.stringify({
        kind: 'ModelService',
        metadata: { name: 'evil' },
        spec: { ...spec, runtime: { python } },
      }),
    );
    return path;
  };
  const list = join(home, 'models.json');
  writeFileSync(list, JSON.stringify([{ name: 'evil', uri, runtime: { python } }]));
  const flags = ['--interpreter', interpreter, '--port', '0'];
  return [
    ['as an argument', ['serve', uri, ...flags]],
    ['in a folder', ['serve', lone, ...flags]],
    ['in a numbered version', ['serve', join(home, 'versions'), ...flags]],
    ['in a repository', ['serve', join(home, 'repository'), ...flags]],
    ['in MODEL_PATH', ['serve', ...flags], { MODEL_PATH: uri }],
    ['in --models', ['serve', '--models', list, '--port', '0']],
    ['in spec.model', ['up', serviceFile('model.yaml', { model: { uri } }), '--port', '0']],
    [
      'in spec.models',
      ['up', serviceFile('models.yaml', { models: [{ name: 'evil', uri }] }), '--port', '0'],
    ],
    [
      'in spec.repository',
      [
        'up',
        serviceFile('repository.yaml', { repository: { uri: join(home, 'repository') } }),
        '--port',
        '0',
      ],
    ],
  ];
}
