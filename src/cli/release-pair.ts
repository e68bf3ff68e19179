/** Two files of one service: which of them says what. */
import { isDeepStrictEqual } from 'node:util';
import { foreignKind, type ModelService, parse } from '#spec';
import { faulty, type ReadFile } from './service-file.ts';

type Spec = ModelService['spec'];

/** Throws `spec_invalid` for what of the candidate's file could have no effect. */
export function checkPair(own: ReadFile, other: ReadFile): void {
  const [first, second] = [own.written, other.written].map(({ metadata }) => metadata.name);
  if (first !== second)
    throw faulty(other.path, `metadata.name is ${second}, and the service is ${first}: name it the same`);
  // The second one's own candidate would be a third revision.
  for (const { path, written } of [own, other])
    if (written.spec.candidate !== undefined)
      throw faulty(path, 'spec.candidate cannot stand beside --candidate, which names another file');
  const usual = usualSpec();
  const isStray = (of: (spec: Spec) => unknown): boolean => {
    const said = of(other.service.spec);
    // What is as usual may not be said at all.
    return !isDeepStrictEqual(said, of(own.service.spec)) && !isDeepStrictEqual(said, of(usual));
  };
  const stray = shared.find(([, of, isOf = always]) => isOf(own.written.spec) && isStray(of));
  if (stray === undefined) return;
  const [path] = stray;
  throw faulty(
    other.path,
    `spec.${path} has no effect: it is of the service as a whole, of which ${own.path} decides. Write the same here, or leave it out`,
  );
}

type Shared = readonly [path: string, of: (spec: Spec) => unknown, isOf?: (stable: Spec) => boolean];

const always = (): boolean => true;

/** Before servers of others one gateway does the work of all. */
const isForeign = ({ runtime }: Spec): boolean => foreignKind(runtime) !== undefined;

const shared: readonly Shared[] = [
  ['traffic', ({ traffic }) => traffic],
  ['kubernetes.namespace', ({ kubernetes }) => kubernetes.namespace],
  ['kubernetes.serviceAccount', ({ kubernetes }) => kubernetes.serviceAccount],
  ['kubernetes.network', ({ kubernetes }) => kubernetes.network],
  ['kubernetes.metrics', ({ kubernetes }) => kubernetes.metrics],
  ['kubernetes.fairlead', ({ kubernetes }) => kubernetes.fairlead],
  ['server.auth', ({ server }) => server.auth, isForeign],
  ['server.tls', ({ server }) => server.tls, isForeign],
  ['server.cors', ({ server }) => server.cors, isForeign],
  ['server.tracing', ({ server }) => server.tracing, isForeign],
];

function usualSpec(): Spec {
  const file = { kind: 'ModelService', metadata: { name: 'usual' }, spec: { model: { uri: 'usual' } } };
  const read = parse(JSON.stringify(file));
  if (!read.ok) throw new Error('the smallest file was refused');
  return read.value.spec;
}
