/** The pod that an object would make: what an API server lets in, it says of pods alone. */
import type { KubeObject } from '#manifests';

interface Template {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/** None of what makes no pods. What a pod refers to, and is not there, is left out of it. */
export function podOf(object: KubeObject): KubeObject[] {
  const { template } = (object['spec'] ?? {}) as { readonly template?: Template };
  if (object.kind !== 'Deployment' || template === undefined) return [];
  const elsewhere = {
    serviceAccountName: undefined,
    priorityClassName: undefined,
    runtimeClassName: undefined,
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name: object.metadata.name },
      spec: { ...template.spec, ...elsewhere },
    },
  ];
}
