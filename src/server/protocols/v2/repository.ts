/** The model repository extension: an index, and loading and unloading by request. */
import { failure, percentDecoded } from '#base';
import type { IndexEntry, Repository } from '../../models/repository.ts';
import { invalid } from '../../models/signature.ts';
import { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import { json, type Methods, manage } from '../port.ts';

const CONTROL = /^\/v2\/repository\/models\/([^/]*)\/(load|unload)$/;

/** The same paths with a repository's name before; here there is one repository. */
const OTHERS = /^\/v2\/repository\/[^/]+\/(?:index|models\/[^/]*\/(?:load|unload))$/;

/** What a path of the repository means, if it is one. */
export function repositoryRoute(path: string, repository: Repository): Methods | undefined {
  if (path === '/v2/repository/index')
    return manage(({ bytes }) => json(200, indexText(repository.index(), wantsReady(bytes))));
  const [, segment, verb] = CONTROL.exec(path) ?? [];
  if (segment !== undefined)
    return manage(async ({ bytes }) => {
      if (!repository.controlled) throw failure('control_forbidden', {});
      await (verb === 'load' ? load : unload)(repository, nameOf(segment), bytes);
      return json(200, '');
    });
  if (!OTHERS.test(path)) return undefined;
  return manage(() => {
    throw failure('feature_missing', { feature: 'more than one repository' });
  });
}

async function load(repository: Repository, name: string, body: Buffer): Promise<void> {
  readParameters(body, parameter => {
    const problem =
      parameter === 'config' || parameter.startsWith('file:')
        ? `the parameter '${shown(parameter)}' is not supported: models are loaded from where the server found them`
        : `unrecognized load parameter '${shown(parameter)}'`;
    throw invalid(problem, ['parameters', parameter]);
  });
  await repository.load(name);
}

async function unload(repository: Repository, name: string, body: Buffer): Promise<void> {
  readParameters(body, (parameter, scanner) => {
    if (parameter !== 'unload_dependents')
      throw invalid(`unrecognized unload parameter '${shown(parameter)}'`, ['parameters', parameter]);
    // No model depends on another.
    readBoolean(scanner, parameter);
  });
  await repository.unload(name);
}

/** A name may not hold what the repository refuses, but it is the repository that says so. */
function nameOf(segment: string): string {
  const name = percentDecoded(segment);
  if (name !== undefined) return name;
  throw invalid(`'${shown(segment)}' is not the name of a model`, ['path']);
}

function wantsReady(body: Buffer): boolean {
  let ready = false;
  readMembers(body, (member, scanner) => {
    if (member === 'ready') ready = readBoolean(scanner, member);
    else scanner.skip();
  });
  return ready;
}

function indexText(entries: readonly IndexEntry[], onlyReady: boolean): string {
  const wanted = entries.filter(({ state }) => !onlyReady || state === 'READY');
  return JSON.stringify(
    wanted.map(({ name, version, state, reason }) => ({
      name,
      version,
      state,
      ...(reason !== '' && { reason }),
    })),
  );
}

type Visit = (name: string, scanner: Scanner) => void;

function readParameters(body: Buffer, visit: Visit): void {
  readMembers(body, (member, scanner) => {
    if (member !== 'parameters') return scanner.skip();
    if (!scanner.isObject())
      throw invalid("the member 'parameters' must be an object", ['parameters'], 'type_error');
    scanner.object(name => visit(name, scanner));
  });
}

/** Visits the members of a body that may be left out. */
function readMembers(body: Buffer, visit: Visit): void {
  if (body.length === 0) return;
  const scanner = new Scanner(body);
  if (!scanner.isObject()) {
    scanner.skip();
    scanner.end();
    throw invalid('the request must be a JSON object', []);
  }
  scanner.object(member => visit(member, scanner));
  scanner.end();
}

function readBoolean(scanner: Scanner, name: string): boolean {
  const text = scanner.shown();
  const value = scanner.value();
  if (typeof value === 'boolean') return value;
  throw invalid(`'${name}' must be true or false, not ${text}`, [name], 'type_error');
}
