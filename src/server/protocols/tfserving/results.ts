/** `:classify` and `:regress` over REST. The answer's member is `results`, whatever TensorFlow Serving's guide calls it. */
import { type ServedModel, toRequest } from '../../models/signature.ts';
import { floatText } from '../../tensors/number-text.ts';
import { type Content, type Decoded, json, type Translator } from '../port.ts';
import { type ClassOutputs, classesOf, classOutputs, regressOutput, valuesOf } from './classification.ts';
import { readExamples } from './examples.ts';

export interface ClassifyForm extends ClassOutputs {
  readonly examples: number;
}

export interface RegressForm {
  readonly examples: number;
  /** In the signature. */
  readonly output: number;
}

export const classifyTranslator: Translator<ClassifyForm> = {
  name: 'tfserving.classify',
  decode: (content, model) => decoded(content, model, classOutputs(model)),
  answer(form, answered) {
    const rows = classesOf(answered, form, form.examples).map(classes =>
      classes.map(({ label, score }) => `[${JSON.stringify(label)},${floatText(score)}]`).join(','),
    );
    return json(200, `{"results":[${rows.map(row => `[${row}]`).join(',')}]}`);
  },
  isText: ({ scores, classes }, position) => position === scores || position === classes,
};

export const regressTranslator: Translator<RegressForm> = {
  name: 'tfserving.regress',
  decode: (content, model) => decoded(content, model, { output: regressOutput(model) }),
  answer({ output, examples }, answered) {
    const texts = valuesOf(answered, output, examples).map(floatText);
    return json(200, `{"results":[${texts.join(',')}]}`);
  },
  isText: ({ output }, position) => position === output,
};

function decoded<P extends object>(
  { bytes }: Content,
  model: ServedModel,
  places: P,
): Decoded<P & { readonly examples: number }> {
  const { given, count } = readExamples(bytes, model);
  return { request: toRequest(model, given, ['examples']), form: { ...places, examples: count } };
}
