/** What became of one backend test. */
import type { AppError } from '#base';

export type Verdict =
  | {
      readonly name: string;
      readonly outcome: 'passed';
      /** Whether ONNX Runtime answers what ONNX's reference has: not ours to judge, but it shows that inputs arrive. */
      readonly asReference: boolean;
    }
  | {
      readonly name: string;
      readonly outcome: 'refused' | 'excluded' | 'failed';
      readonly reason: string;
    };

/** Models that draw random numbers, so that no two runs answer the same. */
const RANDOM = /^node\/test_(?:bernoulli|training_dropout)/;

/** Why a test is not asked at all. */
export function exclusionOf(name: string): string | undefined {
  return RANDOM.test(name) ? 'its model draws random numbers' : undefined;
}

/** The reason of a refusal at load, without what belongs to one model only. */
export function kindOf({ code, message }: AppError): string {
  if (code !== 'model_unsupported') return code;
  const type = /is an? (tensor of \w+|\w+)/.exec(message)?.[1] ?? message;
  return `an input or output is a ${type}`;
}
