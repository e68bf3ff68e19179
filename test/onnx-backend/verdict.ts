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
const RANDOM = /^node\/test_training_dropout(?:_default)?(?:_mask)?$/;

/** Why a model that is served is not asked anything. */
export function exclusionOf(name: string): string | undefined {
  return RANDOM.test(name) ? 'its model draws random numbers' : undefined;
}

/** Types of ONNX that OIP/V2 has no name for. */
const NAMELESS = /is an? (sequence|optional|tensor of (?:bfloat16|float8\w+|float4\w+|u?int4|complex\d+))\b/;

/** What a refused model has that OIP/V2 has no name for; undefined when it was refused for something else. */
export function unsupportedBy({ code, message }: AppError): string | undefined {
  const [, kind] = NAMELESS.exec(message) ?? [];
  return code === 'model_unsupported' && kind !== undefined
    ? `an input or output is of type ${kind}`
    : undefined;
}

const loadFaults: readonly (readonly [says: RegExp, fault: string])[] = [
  [/find an implementation|find kernel/, 'has no implementation of an operator for these types'],
  [/not a registered/, 'does not know an operator'],
  [/ShapeInference/, 'finds the shapes contradictory'],
  [/construct locale/, 'lacks a locale of the machine'],
];

/** Why ONNX Runtime does not load a model, by what it says. */
export function loadFaultOf(error: unknown): string {
  const [, fault = 'refuses the model'] = loadFaults.find(([says]) => says.test(String(error))) ?? [];
  return `ONNX Runtime ${fault}`;
}
