/** Which models are let in: `spec.policy` of a service, and the same as a file of its own for a machine. */
import * as z from 'zod';
import { must, oneKeyOf } from './fields.ts';
import { modelFormats } from './formats.ts';
import { readSource } from './sources.ts';

const MOST_SOURCES = 100;
const MOST_SIGNERS = 20;

const path = z.string().min(1, 'must not be empty');

const signature = oneKeyOf({
  key: z
    .union([path, z.array(path).min(1, 'must name a key').max(MOST_SIGNERS)])
    .optional()
    .describe('A public key in PEM: the path of its file. Of several, a signature by one is enough.'),
  certificate: z
    .strictObject({
      authority: path.describe(
        'Certificates in PEM that signers must be certified by: the path of their file.',
      ),
    })
    .optional()
    .describe('Signed by whomever an authority of your own certifies.'),
  keyless: z
    .strictObject({
      issuer: path.describe(
        'Who vouched for the signer, such as https://token.actions.githubusercontent.com.',
      ),
      identity: path.describe(
        "Who signed: an address, or a workflow's URL. `*` stands for any characters but /, `**` for any.",
      ),
      trustRoot: path.describe(
        "Sigstore's trusted_root.json, or that of your own Sigstore: the path of its file.",
      ),
    })
    .optional()
    .describe('Signed through Sigstore, by a certificate of minutes and a public log.'),
});

export const policy = z
  .strictObject({
    digest: z.literal('required').optional().describe('Every model must be pinned by its digest.'),
    signature: signature
      .optional()
      .describe('Every model must be signed, by OpenSSF model signing or as a Sigstore bundle.'),
    formats: z
      .array(z.enum(modelFormats))
      .min(1, 'must name a format')
      .max(modelFormats.length)
      .optional()
      .describe(
        'What may be loaded: a model with a file of another format is not let in. Default: all formats.',
      ),
    sources: z
      .array(z.string().superRefine(must(readSource)))
      .min(1, 'must name a source')
      .max(MOST_SOURCES)
      .optional()
      .describe(
        'Where models may come from: schemes (s3, file), or places such as s3://bucket/models/ with all below them. Default: from everywhere.',
      ),
  })
  .refine(value => Object.values(value).some(rule => rule !== undefined), {
    // Beside a key that is not known it would only echo.
    when: ({ issues }) => issues.length === 0,
    error: 'must say something: digest, signature, formats or sources',
  });

/** Which models are let in; what it does not say lets all in. */
export type Policy = Readonly<z.output<typeof policy>>;
export type SignaturePolicy = NonNullable<Policy['signature']>;
