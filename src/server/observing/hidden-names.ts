/** Names of tensors whose values are left out of records: `pixels`, `/inputs/pixels`, `/outputs/class`. */
import type { Signature } from '../models/signature.ts';

export type Side = 'inputs' | 'outputs';

/** Tells whose values are left out. */
export class HiddenNames {
  readonly #names: ReadonlySet<string>;
  /** Names that hid nothing, and have been told of. */
  readonly #told = new Set<string>();

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  has(side: Side, name: string): boolean {
    return this.#names.has(name) || this.#names.has(`/${side}/${name}`);
  }

  /** Those that no tensor of these models has. Each is given once: it may be of a model that comes later. */
  idle(models: readonly { readonly signature: Signature }[]): string[] {
    const known = new Set(models.flatMap(({ signature }) => namesOf(signature)));
    const idle = [...this.#names].filter(name => !known.has(name) && !this.#told.has(name));
    for (const name of idle) this.#told.add(name);
    return idle;
  }
}

function namesOf({ inputs, outputs }: Signature): string[] {
  const both = { inputs, outputs };
  return Object.entries(both).flatMap(([side, specs]) =>
    specs.flatMap(({ name }) => [name, `/${side}/${name}`]),
  );
}
