/** What a case is. The numbers are those of the table that every server is held to. */
import type { FixtureName } from './fixtures.ts';
import type { Peer } from './peer.ts';

/** A gRPC port, TensorFlow Serving's or the plain paths, a server that the case starts and stops itself, or a model. */
export type Need = 'grpc' | 'tfserving' | 'plain' | 'own' | FixtureName;

export interface Case {
  readonly id: number;
  readonly title: string;
  /** Without these the case is skipped, with the reason. */
  readonly needs?: readonly Need[];
  /** Throws what is wrong; gives a note, if there is one, on what it could not ask. */
  readonly run: (peer: Peer) => Promise<string | void>;
}

/** Thrown where a known limit makes a case, or a part of it, impossible: the reason is shown. */
export class Skip extends Error {
  override readonly name = 'Skip';
}

/** Runs every part, so that one fault hides no other. Throws all of them; gives the reasons of what was skipped. */
export async function every(parts: Readonly<Record<string, () => Promise<void>>>): Promise<string> {
  const faults: string[] = [];
  const notes: string[] = [];
  for (const [name, part] of Object.entries(parts)) {
    try {
      await part();
    } catch (error: unknown) {
      if (error instanceof Skip) notes.push(`${name}: ${error.message}`);
      else faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  if (notes.length === Object.keys(parts).length) throw new Skip(notes.join('; '));
  return notes.join('; ');
}
