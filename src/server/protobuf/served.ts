/** The .proto files of what a server speaks over gRPC: for its reflection, and as text for those who make clients. */
import { healthFile } from './health.ts';
import { inferenceFile } from './oip.ts';
import { withImports } from './proto-file.ts';
import { protoText } from './proto-text.ts';
import { reflectionFiles } from './reflection.ts';
import { modelServiceFile, predictionServiceFile } from './tensorflow-serving.ts';

export const servedFiles = [inferenceFile, predictionServiceFile, modelServiceFile, healthFile];

/** Each file with all it imports: its name, as others import it, and its text. */
export function protoTexts(): ReadonlyMap<string, string> {
  return new Map(withImports([...servedFiles, ...reflectionFiles]).map(file => [file.name, protoText(file)]));
}
