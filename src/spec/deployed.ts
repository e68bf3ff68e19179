/** A revision whose models lie where a pod finds them: in its image, on a volume, or pulled before it starts. */
import { bakedModels, type Elsewhere, type Lying, nameInImage, type Pin } from './baked.ts';
import { CACHE, command, MODELS, ports, SETTINGS } from './container.ts';
import { type Away, awayModels, type ModelMount, type Pull } from './deployed-away.ts';
import { foreignKind } from './foreign-schema.ts';
import { type Launch, launch } from './launch.ts';
import { podDrain } from './pod-drain.ts';
import type { Policy } from './policy-schema.ts';
import type { Found, Revision, Role, Told } from './revision.ts';
import type { ModelService, Served } from './schema.ts';
import { servedBy } from './served-by.ts';

/** A service as its file has it, the same in a container, and which of its revisions is deployed. */
export interface Deploying {
  readonly written: ModelService;
  readonly inside: ModelService;
  readonly role: Role;
  /** In the order of `urisOf`; undefined for what is not in the image, and so is not looked at. */
  readonly found: readonly (Found | undefined)[];
  readonly lying: Lying;
  /** What its pods run, where that is known. */
  readonly image?: string | undefined;
}

export interface Deployed {
  readonly revision: Revision;
  /** Volumes with models, mounted read-only. */
  readonly mounts: readonly ModelMount[];
  /** What is pulled into folders before a server of others starts, which knows of no cache. */
  readonly pulls: readonly Pull[];
  /** Whether fairlead's own server has its models pulled into its cache first: `Launch.init`. */
  readonly isPulled: boolean;
  /** What the server is told to verify of what lies in its image, and where that lies here. */
  readonly pins: readonly Pin[];
}

/** Of what lies elsewhere its place is part of the revision, and not its bytes: nothing is fetched here. */
export function deployedRevision({ written, inside, role, found, lying, image }: Deploying): Deployed {
  const { runtime, server, capacity, policy } = inside.spec;
  const kind = foreignKind(runtime);
  const [hereInside, hereWritten] = [inside, written].map(one => hereOf(servedBy(one, role), found));
  const known = found.filter(one => one !== undefined);
  const baked = bakedModels(inside, hereInside ?? {}, { found: known, lying });
  const away = awayModels(inside, servedBy(inside, role), found);
  const elsewhere: Elsewhere = { image, away: away.length === 0 ? undefined : away.map(decidingIn) };
  const name = nameInImage(written, hereWritten ?? {}, { found: known, ...elsewhere });
  const told = toldOf(baked.told, away);
  const models = [...baked.placed, ...away.flatMap(one => one.models)];
  const notice = capacity?.spot?.notice;
  return {
    revision: {
      name,
      models,
      told,
      away: told,
      runtime,
      server,
      notice,
      policy: kind === undefined ? policyOfPaths(policy, told) : policy,
    },
    mounts: away.flatMap(({ mount }) => mount ?? []),
    pulls: away.flatMap(({ pull }) => pull ?? []),
    isPulled: away.some(({ isCached }) => isCached),
    pins: baked.pins,
  };
}

/**
 * A path below the models of a pod tells nobody where they came from. Whoever made the image, or the pod with
 * its volumes, asked the policy by what the file says.
 */
function policyOfPaths(policy: Policy | undefined, told: Told): Policy | undefined {
  const isThere =
    told.kind === 'repository' ? isBelowModels(told.repository) : told.entries.some(isBelowModels);
  if (policy?.sources === undefined || !isThere) return policy;
  return { ...policy, sources: [...policy.sources, `file://${MODELS}`] };
}

function isBelowModels({ uri }: { readonly uri: string }): boolean {
  return uri === MODELS || uri.startsWith(`${MODELS}/`);
}

/** How a pod starts its server: the launch contract at the place that a container is. */
export function podLaunch({ revision, isPulled }: Pick<Deployed, 'revision' | 'isPulled'>): Launch {
  const kind = foreignKind(revision.runtime) ?? 'own';
  const server = { ...revision.server, drain: podDrain(revision.server.drain) };
  return launch(
    { ...revision, server },
    {
      program: command,
      host: '0.0.0.0',
      ...ports[kind],
      folder: SETTINGS,
      repository: MODELS,
      behindGateway: false,
      ...(isPulled && { cache: CACHE }),
    },
  );
}

/** What of it lies in the image. */
function hereOf(served: Served, found: Deploying['found']): Served {
  const { model, models, repository } = served;
  const first = found[0] !== undefined;
  return {
    ...(model && first && { model }),
    ...(repository && first && { repository }),
    ...(models && { models: models.filter((_, at) => found[at] !== undefined) }),
  };
}

/** Where it comes from, beside what its server is told: of a server of others that is the same wherever it comes from. */
function decidingIn({ told, mount, pull }: Away): object {
  return { told, mount, pull };
}

function toldOf(baked: Told, away: readonly Away[]): Told {
  const [repository] = away.flatMap(({ told }) => (told.kind === 'repository' ? [told] : []));
  if (repository !== undefined) return repository;
  if (baked.kind === 'repository') return baked;
  const others = away.flatMap(({ told }) => (told.kind === 'entries' ? [told] : []));
  const python = others.find(one => one.python !== undefined)?.python;
  return {
    kind: 'entries',
    entries: [...baked.entries, ...others.flatMap(({ entries }) => entries)],
    ...(python && { python }),
  };
}
