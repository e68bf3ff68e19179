/** The answer to `:predict`: rows for rows, columns for columns. */
import { invalid, type ServedModel } from '../../models/signature.ts';
import { nestedText, rowTexts, type StringForm } from '../../tensors/text-writer.ts';
import { type Answered, json, type Reply } from '../port.ts';

/** Rows or columns: the answer has the form of the question. */
export type Form = 'instances' | 'inputs';

export function predictReply(form: Form, answered: Answered): Reply {
  return form === 'instances' ? rowReply(answered) : columnReply(answered);
}

function rowReply({ model, outputs }: Answered): Reply {
  const rows = outputs[0]?.shape[0];
  if (rows === undefined || outputs.some(({ shape }) => shape[0] !== rows)) {
    throw invalid(
      "the outputs have no common batch dimension, so they have no row form; send 'inputs' instead of 'instances'",
      ['instances'],
    );
  }
  const [only, second] = outputs;
  if (only !== undefined && second === undefined)
    return json(200, `{"predictions":${nestedText(only, stringForm(model, 0))}}`);
  const columns = outputs.map((output, index) => rowTexts(output, stringForm(model, index)));
  const list = Array.from({ length: rows }, (_, row) =>
    namedText(
      model,
      columns.map(texts => texts[row] ?? 'null'),
    ),
  );
  return json(200, `{"predictions":[${list.join(',')}]}`);
}

function columnReply({ model, outputs }: Answered): Reply {
  const texts = outputs.map((output, index) => nestedText(output, stringForm(model, index)));
  return json(200, `{"outputs":${texts.length === 1 ? texts[0] : namedText(model, texts)}}`);
}

/** An output's name says whether its strings are bytes. */
function stringForm({ signature }: ServedModel, output: number): StringForm {
  return signature.outputs[output]?.name.endsWith('_bytes') ? 'base64' : 'plain';
}

function namedText(model: ServedModel, values: readonly string[]): string {
  const members = model.signature.outputs.map(
    ({ name }, index) => `${JSON.stringify(name)}:${values[index] ?? 'null'}`,
  );
  return `{${members.join(',')}}`;
}
