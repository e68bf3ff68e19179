/** What a cluster has, in two requests: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
import { type Resource, Resources } from '../resources.ts';
import type { Client } from './http/client.ts';

const AGGREGATED = ['v2', 'v2beta1']
  .map(version => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

interface GroupDiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope: string;
        readonly responseKind?: { readonly kind: string };
      }[];
    }[];
  }[];
}

/** Kubernetes answers so since 1.27. */
export async function discover(client: Client): Promise<Resources> {
  const answers = await Promise.all(
    ['/api', '/apis'].map(path =>
      client.ask('the kinds of the cluster', { method: 'GET', path, accept: AGGREGATED }),
    ),
  );
  return new Resources(answers.flatMap(({ text }) => resourcesIn(JSON.parse(text) as GroupDiscoveryList)));
}

function resourcesIn({ items = [] }: GroupDiscoveryList): Resource[] {
  return items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map(({ resource, scope, responseKind }) => ({
        group: metadata?.name ?? '',
        version,
        kind: responseKind?.kind ?? '',
        plural: resource,
        isNamespaced: scope === 'Namespaced',
      })),
    ),
  );
}
