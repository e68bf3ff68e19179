/** Volumes of a pod, and where its containers have them. */

export interface Volume {
  readonly name: string;
  /** Its source, by its kind: `emptyDir`, `secret` and the like. */
  readonly [source: string]: unknown;
}

export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: true;
}

export interface Storage {
  readonly volumes: readonly Volume[];
  /** Of the server. */
  readonly server: readonly Mount[];
  /** Of what runs before it. */
  readonly init: readonly Mount[];
}

export const nothing: Storage = { volumes: [], server: [], init: [] };

export function together(parts: readonly Storage[]): Storage {
  return {
    volumes: parts.flatMap(({ volumes }) => volumes),
    server: parts.flatMap(({ server }) => server),
    init: parts.flatMap(({ init }) => init),
  };
}

/** `models`, `models-2`, `models-3`. */
export function numbered(name: string, at: number): string {
  return at === 0 ? name : `${name}-${at + 1}`;
}
