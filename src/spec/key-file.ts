/** A file of API keys: names, digests and limits; never a key. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import { counts, LABEL, NOT_A_LABEL, readExpiry, readRate } from './bounds.ts';
import { countOf, must } from './fields.ts';

/** All of them are looked at for each request. */
const MOST_KEYS = 1000;

const key = z.strictObject({
  name: z.string().regex(LABEL, NOT_A_LABEL).describe('Whose it is, for logs; several may have one name.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be the SHA-256 of the key: 64 hex digits')
    .transform(text => text.toLowerCase()),
  expires: z.string().superRefine(must(readExpiry)).optional(),
  rate: z.string().superRefine(must(readRate)).optional(),
  concurrent: countOf(counts.inFlight).optional(),
});

export const keyFile = z.strictObject({
  keys: z
    .array(key)
    .max(MOST_KEYS, `must be at most ${MOST_KEYS}`)
    .superRefine((keys, context) => {
      const seen = new Set<string>();
      for (const [at, { sha256 }] of keys.entries()) {
        if (seen.has(sha256))
          context.addIssue({ code: 'custom', path: [at, 'sha256'], message: 'is there twice' });
        seen.add(sha256);
      }
    }),
});

export type KeyFile = Readonly<z.output<typeof keyFile>>;
/** A key as its file has it. */
export type KeyEntry = KeyFile['keys'][number];
