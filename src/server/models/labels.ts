/** Names of a model's classes: a text file beside the model, one a line, in the order of the output's last dimension. */
import { err, ok, type Result } from '#base';
import type { TensorSpec } from '../tensors/tensor.ts';

/** Bytes of a file of labels. */
export const MOST_LABEL_BYTES = 1024 * 1024;

const MOST_LABELS = 100_000;

/** The labels of a file's text, or why it has none. Only the last line may be empty. */
export function parseLabels(bytes: Buffer): Result<readonly string[], string> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return err('it is not UTF-8 text');
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const empty = lines.indexOf('');
  if (empty !== -1) return err(`its line ${empty + 1} is empty`);
  if (lines.length > MOST_LABELS) return err(`it has more than ${MOST_LABELS} lines`);
  return ok(lines);
}

/** What the classes of a model's outputs are called. */
export interface Labels {
  /** For every output that has as many classes. */
  readonly beside: readonly string[] | undefined;
  /** For one output each. */
  readonly named: ReadonlyMap<string, readonly string[]>;
}

/** Gives outputs their labels: their own, or else those beside the model where the last dimension has just as many elements. */
export function labelled(outputs: readonly TensorSpec[], { beside, named }: Labels): readonly TensorSpec[] {
  return outputs.map(output => {
    const labels = named.get(output.name) ?? (fits(output, beside) ? beside : undefined);
    return labels === undefined ? output : { ...output, labels };
  });
}

function fits({ shape }: TensorSpec, labels: readonly string[] | undefined): boolean {
  return shape.at(-1) === labels?.length;
}
