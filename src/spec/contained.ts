/**
 * A service file's settings in a container: the same, but that every path is one of the container. What a path names is packed,
 * has to be mounted, or was needed only to make the image; each is said.
 */
import { resolve } from 'node:path';
import { containedAuth } from './contained-auth.ts';
import { type Door, doorIn } from './contained-door.ts';
import { gatewaysPart } from './contained-gateway.ts';
import { containedPolicy } from './contained-policy.ts';
import { containedTls } from './contained-tls.ts';
import { type LeftOut, LOGS, type Mounted, type Packed, RUN, SERVICE, SETTINGS } from './container.ts';
import { type Findings, mountedAt, packedAt } from './findings.ts';
import { type ForeignKind, foreignKind } from './foreign-schema.ts';
import type { ModelService, RuntimeOptions, Served, ServerOptions } from './schema.ts';

type Spec = ModelService['spec'];

export interface Contained {
  readonly service: ModelService;
  readonly packed: readonly Packed[];
  readonly mounted: readonly Mounted[];
  readonly left: readonly LeftOut[];
  /** Absolute paths of this machine that are in no image, even where they lie in a folder that is packed. */
  readonly secret: readonly string[];
  /** What fairlead's gateway has in a container of its own, where it stands before a server of others; undefined before fairlead's own. */
  readonly door?: Door;
}

/** Where a file's paths start on this machine, and what is known of the image that they are moved to. */
export interface Containing {
  readonly base: string;
  /** The Python there; undefined where no model needs one. */
  readonly interpreter: string | undefined;
  /** Some of its models come to pods by themselves, and who lets models in there keeps all of the policy. */
  readonly isAway?: boolean;
}

/** Of a file as it is written, its paths not yet resolved: where it lies decides nothing of what is in the container. */
export function contained(
  service: ModelService,
  { base, interpreter, isAway = false }: Containing,
): Contained {
  const findings: Findings = { base, packed: [], mounted: [], left: [] };
  const { spec } = service;
  const { candidate, capacity, policy } = spec;
  const kind = foreignKind(spec.runtime);
  const notice = noticeIn(capacity, kind, findings);
  const inside: Spec = {
    ...spec,
    ...servedIn(spec, interpreter),
    runtime: runtimeIn(spec.runtime, interpreter, findings),
    server: kind === undefined ? serverIn(spec.server, findings) : gatewaysPart(spec.server, kind, findings),
    ...(policy && { policy: containedPolicy(policy, isAway, findings) }),
    ...(capacity && { capacity: notice }),
    ...(candidate && { candidate: { ...candidate, ...servedIn(candidate, interpreter) } }),
  };
  const { packed, mounted, left } = findings;
  const secret = secretIn(spec.server).map(path => resolve(base, path));
  const door = kind === undefined ? {} : { door: doorIn(spec.server, base) };
  return { service: { ...service, spec: inside }, packed, mounted, left, secret, ...door };
}

/** Keys, and who has some: whoever runs the models. */
function secretIn({ auth, tls }: ServerOptions): string[] {
  const keys = [auth?.predict, auth?.admin].map(one => one?.keys?.file);
  const said = [...keys, tls?.certificate, tls?.key, tls?.clientAuthority];
  return said.filter(path => path !== undefined);
}

type OfOne = { readonly runtime?: RuntimeOptions | NonNullable<Served['model']>['runtime'] };

/** Each model's own Python is that of the image. */
function servedIn(
  { model, models }: Served,
  interpreter: string | undefined,
): Pick<Served, 'model' | 'models'> {
  const inside = <T extends OfOne>(one: T): T => {
    const python = one.runtime?.python;
    if (python?.interpreter === undefined || interpreter === undefined) return one;
    return { ...one, runtime: { ...one.runtime, python: { ...python, interpreter } } };
  };
  return { ...(model && { model: inside(model) }), ...(models && { models: models.map(inside) }) };
}

function runtimeIn(
  runtime: RuntimeOptions,
  interpreter: string | undefined,
  findings: Findings,
): RuntimeOptions {
  const { python, triton, tensorflowServing: serving, custom } = runtime;
  const { batching } = serving ?? {};
  const { folder } = custom ?? {};
  return {
    ...runtime,
    ...(interpreter !== undefined && { python: { ...python, interpreter } }),
    ...(triton && { triton: programIn(triton, 'triton', findings) }),
    ...(serving && {
      tensorflowServing: {
        ...programIn(serving, 'tensorflowServing', findings),
        ...(batching !== undefined && {
          batching: packedAt(batching, `${SETTINGS}/batching.config`, findings),
        }),
      },
    }),
    ...(custom &&
      folder !== undefined && { custom: { ...custom, folder: packedAt(folder, SERVICE, findings) } }),
  };
}

/** A path says where it lies on this machine; in the image it is the one on PATH. */
function programIn<T extends { readonly program?: string | undefined }>(
  options: T,
  kind: ForeignKind,
  { left }: Findings,
): T {
  const { program, ...rest } = options;
  if (program === undefined || !program.includes('/')) return options;
  left.push({ field: `runtime.${kind}.program`, why: "the base's own is started, as its PATH has it" });
  return rest as T;
}

function serverIn(server: ServerOptions, findings: Findings): ServerOptions {
  const { auth, tls, payloadLog } = server;
  return {
    ...server,
    ...(auth && { auth: containedAuth(auth, findings) }),
    ...(tls && { tls: containedTls(tls, findings) }),
    ...(payloadLog?.file !== undefined && {
      payloadLog: { ...payloadLog, file: logIn(payloadLog.file, findings) },
    }),
  };
}

function logIn(written: string, { mounted }: Findings): string {
  const path = mountedAt(written, `${LOGS}/payloads.jsonl`);
  mounted.push({
    field: 'server.payloadLog.file',
    path,
    why: 'it is written there, so its folder must be writable',
  });
  return path;
}

function noticeIn(
  capacity: Spec['capacity'],
  kind: ForeignKind | undefined,
  { mounted, left }: Findings,
): Spec['capacity'] {
  const notice = capacity?.spot?.notice;
  if (notice === undefined) return capacity;
  if (kind !== undefined) {
    left.push({
      field: 'capacity.spot.notice',
      why: 'it is for a server of fairlead, and another one runs here',
    });
    const { notice: _notice, ...kept } = capacity?.spot ?? {};
    return Object.keys(kept).length === 0 ? {} : { spot: kept };
  }
  if (notice.file === undefined) return capacity;
  const path = mountedAt(notice.file, `${RUN}/notice`);
  mounted.push({ field: 'capacity.spot.notice.file', path, why: 'who takes the machine away writes it' });
  return { spot: { ...capacity?.spot, notice: { ...notice, file: path } } };
}
