/** What the launches of all servers are made of. */
import type { Result } from '#base';
import { largest, readDuration, readSize } from './bounds.ts';
import type { Launch, Listening, Place } from './launch.ts';
import type { Revision } from './revision.ts';

/** Of a server that is told its ports. */
export function listeningOn({ port, grpcPort }: Place): Listening {
  return { kind: 'told', http: port, grpc: grpcPort };
}

/** A server of others may know no deadline: whoever asks it holds it to that of the file. */
export function heldTo({ server: { deadline, limits } }: Revision): Pick<Launch, 'answerMs' | 'mostBody'> {
  return {
    mostBody: checked(limits.body, readSize(limits.body)),
    ...(deadline !== undefined && { answerMs: milliseconds(deadline) }),
  };
}

/** A size of memory that the schema has already checked, in bytes. */
export function memoryBytes(text: string): number {
  return checked(text, readSize(text, largest.memory));
}

/** A duration that the schema has already checked, in milliseconds. */
export function milliseconds(text: string): number {
  return checked(text, readDuration(text));
}

/** What a text means that the schema has already checked. */
export function checked<T>(text: string, result: Result<T, string>): T {
  if (!result.ok) throw new Error(`the schema let through '${text}': it ${result.error}`);
  return result.value;
}
