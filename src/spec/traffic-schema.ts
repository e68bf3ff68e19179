/** `spec.traffic`: what splits requests between the revisions of a service on Kubernetes, and how. */
import * as z from 'zod';
import { counts, HEADER_NAME, shortest } from './bounds.ts';
import { countOf, DNS_LABEL, durationText, objectName, oneKeyOf } from './fields.ts';

const host = z
  .string()
  .max(253)
  .refine(
    text =>
      text
        .replace(/^\*\./, '')
        .split('.')
        .every(label => DNS_LABEL.test(label)),
    'must be a name of a host in lower case, such as digits.example.com',
  );

const gatewayApi = z.strictObject({
  gateway: z.strictObject({
    name: objectName('a Gateway'),
    namespace: objectName('a namespace').optional().describe('Default: that of the service.'),
    section: objectName('a listener').optional().describe('One of its listeners. Default: all that fit.'),
  }),
  hosts: z
    .array(host)
    .max(16)
    .default([])
    .describe('Names that clients ask for. Default: all of the Gateway.'),
  grpc: z
    .union(
      [
        z.boolean(),
        z
          .strictObject({
            hosts: z.array(host).min(1, 'must name a host').max(16).optional(),
            section: objectName('a listener').optional(),
          })
          .refine(({ hosts, section }) => hosts !== undefined || section !== undefined, {
            error: 'must have hosts or section: a listener takes a GRPCRoute only apart from the HTTPRoute',
          }),
      ],
      { error: 'must be true, false, or have hosts or section' },
    )
    .default(false)
    .describe(
      'Routes gRPC too: true for by paths, in the same HTTPRoute; with names or a listener of its own, by a GRPCRoute.',
    ),
});

const istio = z.strictObject({
  hosts: z
    .array(host)
    .min(1, 'must name a host')
    .max(16)
    .optional()
    .describe("Names that clients ask for. Default: the service's own, in the mesh."),
  gateways: z
    .array(
      z
        .string()
        .refine(
          text =>
            text === 'mesh' ||
            (text.split('/').length <= 2 &&
              text.split('/').every(part => part.split('.').every(label => DNS_LABEL.test(label)))),
          'must be NAME, NAMESPACE/NAME or mesh',
        ),
    )
    .min(1, 'must name a gateway')
    .optional()
    .describe("Istio's gateways, as NAMESPACE/NAME; `mesh` for sidecars. Default: mesh."),
  subsets: z
    .boolean()
    .default(false)
    .describe('One host with a subset for each revision, and the DestinationRule that says them.'),
  grpc: z.boolean().default(false).describe('Routes gRPC too.'),
});

const kinds = {
  gatewayApi: gatewayApi.optional().describe('An HTTPRoute of a Gateway.'),
  istio: istio.optional().describe("Istio's VirtualService."),
  builtin: z
    .strictObject({ replicas: countOf(counts.gateways).default(2).describe('Pods of the gateway.') })
    .optional()
    .describe("Fairlead's own gateway, as pods: no mesh is needed."),
  replicas: z
    .strictObject({})
    .optional()
    .describe(
      'No router: one Service has the pods of both revisions, and the split is that of their number.',
    ),
};

export const traffic = z
  .strictObject({
    ...kinds,
    timeout: durationText(shortest.deadline)
      .optional()
      .describe('For an answer to begin. Default: a second more than the server allows itself.'),
    retries: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe(
        'Times that a request is sent again which met no server. A prediction that was begun is not repeated.',
      ),
    sticky: z
      .strictObject({
        cookie: z.string().regex(HEADER_NAME, 'must be the name of a cookie').default('fairlead-revision'),
        maxAge: durationText(shortest.maxAge).default('24h').describe('For how long a browser keeps it.'),
      })
      .optional()
      .describe('A user stays with the revision that answered first.'),
  })
  .refine(value => Object.keys(kinds).filter(kind => Object.hasOwn(value, kind)).length === 1, {
    error: `must have exactly one of ${Object.keys(kinds).join(', ')}`,
  });

/** Requests that go to the candidate whatever its weight: `spec.candidate.match`. */
export const match = z
  .array(
    oneKeyOf({
      header: z
        .strictObject({
          name: z.string().max(256).regex(HEADER_NAME, 'must be the name of a header'),
          value: z.string().min(1).max(4096).describe('Exactly this.'),
        })
        .optional(),
      cookie: z
        .strictObject({
          name: z.string().max(256).regex(HEADER_NAME, 'must be the name of a cookie'),
          value: z
            .string()
            .max(1024)
            .regex(/^[!#-+\--:<-[\]-~]+$/, 'must be what a cookie can hold')
            .describe('Exactly this.'),
        })
        .optional(),
    }),
  )
  .min(1, 'must hold a header or a cookie')
  .max(8);
