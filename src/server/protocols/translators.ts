/** Every translator of HTTP, for a thread that finds them by name. */
import type { Translator } from './port.ts';
import { predictTranslator as plain } from './predict.ts';
import { predictTranslator } from './tfserving/predict.ts';
import { classifyTranslator, regressTranslator } from './tfserving/results.ts';
import { inferTranslator } from './v2/infer.ts';

export const translators: readonly Translator[] = [
  plain,
  predictTranslator,
  classifyTranslator,
  regressTranslator,
  inferTranslator,
];
