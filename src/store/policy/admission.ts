/** Who lets models in: every policy there is must, and what runs code when it is loaded needs leave of its own. */
import { type Clock, failure } from '#base';
import type { Admissible, Admission, Wanted } from '../store.ts';
import { parseReference } from '../uri/parse.ts';
import { redacted } from '../uri/redact.ts';
import type { Reference } from '../uri/reference.ts';
import { holdsNone, type Refusal, strayAmong, unsafeAmong } from './formats.ts';
import { isWithin } from './places.ts';
import { markOf, type Rules } from './rules.ts';

export interface Admitting {
  readonly clock: Clock;
}

/** Without any rules, all that runs no code when it is loaded is let in. */
export function admissionOf(rules: readonly Rules[], admitting: Admitting): Admission {
  return new Policies(rules, admitting);
}

class Policies implements Admission {
  readonly seesAll: boolean;
  readonly marks: readonly string[];
  readonly #rules: readonly Rules[];
  readonly #admitting: Admitting;

  constructor(rules: readonly Rules[], admitting: Admitting) {
    this.#rules = rules;
    this.#admitting = admitting;
    this.marks = rules.map(markOf);
    this.seesAll = rules.some(({ signer, formats }) => signer !== undefined || formats !== undefined);
  }

  beforeListing(wanted: Wanted, reference: Reference): void {
    for (const rule of this.#rules) {
      refuse(wanted, sourceProblem(rule, wanted, reference));
      refuse(wanted, pinProblem(rule, wanted));
    }
  }

  beforeFetching(wanted: Wanted, files: readonly { readonly path: string }[]): void {
    const reference = referenceOf(wanted);
    const paths = files.map(({ path }) => path);
    const isFetched = reference?.scheme !== 'file' && reference?.scheme !== 'pvc';
    // A pickle that lies on this machine beside a model may be what prepares its inputs; it is refused where it would be loaded.
    if (isFetched && wanted.allowUnsafeFormats !== true) refuse(wanted, unsafeAmong(paths));
    for (const { formats, name } of this.#rules)
      if (formats !== undefined) refuse(wanted, strayAmong(paths, { formats, name, isFetched }));
  }

  async beforeHolding(wanted: Wanted, artifact: Admissible): Promise<void> {
    const { files } = artifact.manifest;
    // Again, for what came in an archive was not known before.
    this.beforeFetching(wanted, files);
    const paths = files.map(({ path }) => path);
    for (const rule of this.#rules) {
      if (rule.formats !== undefined && holdsNone(paths)) refuse(wanted, nothingKnown(rule));
      if (rule.signer !== undefined) await this.#mustBeSigned(wanted, artifact, rule.signer);
    }
  }

  async #mustBeSigned(
    wanted: Wanted,
    artifact: Admissible,
    signer: NonNullable<Rules['signer']>,
  ): Promise<void> {
    // Most never need it, and it brings a library of its own.
    const { signatureProblem } = await import('./signatures/check.ts');
    const problem = await signatureProblem({ artifact, wanted, signer, date: this.#admitting.clock.date() });
    if (problem !== undefined) throw failure('signature_invalid', { uri: redacted(wanted.uri), problem });
  }
}

function referenceOf({ uri }: Wanted): Reference | undefined {
  const read = parseReference(uri);
  return read.ok ? read.value : undefined;
}

function refuse({ uri }: Wanted, refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw failure('policy_refused', { uri: redacted(uri), ...refusal });
}

function sourceProblem(
  { name, sources }: Rules,
  { base }: Wanted,
  reference: Reference,
): Refusal | undefined {
  if (sources === undefined || sources.some(source => isWithin(reference, base, source))) return undefined;
  return {
    problem: `${name} lets in only what comes from ${sources.map(({ written }) => written).join(', ')}`,
    remedy: 'put it there, or add where it is to sources',
  };
}

function pinProblem({ name, mustBePinned }: Rules, { uri, digest }: Wanted): Refusal | undefined {
  if (!mustBePinned || digest !== undefined) return undefined;
  return {
    problem: `${name} wants every model to be pinned, and this has no digest`,
    remedy: `\`fairlead store digest ${quoted(redacted(uri))}\` tells it`,
  };
}

function nothingKnown({ name, formats = [] }: Rules): Refusal {
  return {
    problem: `it holds no model that can be told by its name, and ${name} lets in only ${formats.join(', ')}`,
    remedy: 'name its file as its format has it, such as model.onnx',
  };
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
