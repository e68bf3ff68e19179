/** `spec.server.tls` and `spec.server.cors`: how a service's door is spoken to, and from where. */
import * as z from 'zod';
import { counts, HEADER_NAME, originProblem, shortest } from './bounds.ts';
import { countOf, duration } from './fields.ts';

const file = (what: string) => z.string().min(1, 'must name a file').describe(what);

export const tls = z
  .strictObject({
    certificate: file(
      'A PEM file: the certificate that clients are shown, and after it those that lead to its authority. Read again when it changes.',
    ),
    key: file("A PEM file: the certificate's private key, without a passphrase."),
    clientAuthority: file(
      'A PEM file: clients must show a certificate that one of these has signed (mutual TLS).',
    ).optional(),
    healthPort: countOf(counts.port)
      .optional()
      .describe(
        'A port without TLS that answers /health and /health/live and nothing else: probes have no certificate to show.',
      ),
  })
  .describe('HTTP and gRPC over TLS 1.2 or 1.3.');

const origin = z.string().superRefine((written, context) => {
  const problem = originProblem(written);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

export const cors = z
  .strictObject({
    origins: z
      .array(origin)
      .min(1, 'must name an origin')
      .refine(
        all => all.length === 1 || !all.includes('*'),
        "has '*', which allows every origin: name it alone",
      )
      .describe("Origins as browsers write them, such as https://app.example; or '*' alone for every one."),
    headers: z
      .array(z.string().regex(HEADER_NAME, 'must be the name of a header'))
      .default([])
      .describe('Request headers that pages may send beside those that fairlead reads.'),
    maxAge: duration('10m', shortest.maxAge).describe('For how long a browser need not ask again.'),
  })
  .describe('Which pages of other origins a browser lets read answers.');
