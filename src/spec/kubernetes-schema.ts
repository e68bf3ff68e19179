/** `spec.kubernetes`: what only a cluster has. */
import * as z from 'zod';
import { largest, shortest } from './bounds.ts';
import { DNS_LABEL, duration, durationText, objectName, oneKeyOf, size, sizeText } from './fields.ts';

const MOST = 100;

const LABEL_VALUE = /^([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;
/** A name with the domain of whose it is before it, or without. */
const QUALIFIED = /^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const qualified = (what: string) => z.string().regex(QUALIFIED, `must be the name of ${what}`);

/** What is fairlead's own to say: another value would take objects from each other. */
const OWN = /^(app|component|version|app\.kubernetes\.io\/.*|fairlead\.dev\/.*)$/;

const labels = z
  .record(qualified('a label'), z.string().regex(LABEL_VALUE, 'must be what a label can hold'))
  .refine(
    all => Object.keys(all).every(key => !OWN.test(key)),
    'must not hold app, component, version, app.kubernetes.io/… or fairlead.dev/…, which are set',
  );
const annotations = z.record(qualified('an annotation'), z.string().max(100_000));
const nodeLabels = z.record(
  qualified('a label'),
  z.string().regex(LABEL_VALUE, 'must be what a label can hold'),
);

const toleration = z
  .strictObject({
    key: qualified('a taint').optional().describe('Default: every taint.'),
    value: z
      .string()
      .regex(LABEL_VALUE, 'must be what a taint can hold')
      .optional()
      .describe('Default: any.'),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Default: all.'),
  })
  .refine(({ key, value }) => key !== undefined || value === undefined, {
    error: 'has no effect without key',
    path: ['value'],
  });

const VARIABLE = /^[A-Za-z_]\w*$/;

const metrics = oneKeyOf({
  annotations: z.strictObject({}).optional().describe('prometheus.io/scrape and the like, on pods.'),
  podMonitor: z
    .strictObject({
      labels: labels.default({}).describe("What the Prometheus operator's Prometheus looks for."),
      interval: durationText(shortest.scrape).default('15s'),
      credentials: objectName('a Secret')
        .optional()
        .describe(
          'Its `token` is a key, or a token, of server.auth.admin, without which there are no metrics.',
        ),
    })
    .optional()
    .describe('A PodMonitor of the Prometheus operator.'),
  none: z.strictObject({}).optional(),
});

/** As NetworkPolicy takes it (RFC 4632, RFC 4291). */
function isRange(text: string): boolean {
  const [, address = '', prefix = ''] = /^([\da-fA-F.:]+)\/(0|[1-9]\d?\d?)$/.exec(text) ?? [];
  const isLong = address.includes(':');
  return (
    Number(prefix) <= (isLong ? 128 : 32) &&
    (isLong ? URL.canParse(`http://[${address}]`) : IPV4.test(address))
  );
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

const network = z.strictObject({
  from: z
    .array(nodeLabels)
    .min(1, 'must hold labels')
    .max(MOST)
    .optional()
    .describe(
      'Only pods of namespaces with these labels may ask: one of them is enough. Default: whoever reaches them.',
    ),
  to: z
    .array(
      z.strictObject({
        cidr: z.string().refine(isRange, 'must be a range of addresses such as 10.0.0.0/8'),
        port: z.int().min(1).max(65_535).optional(),
      }),
    )
    .max(MOST)
    .default([])
    .describe('Where pods may connect to beside what the file names.'),
});

export const kubernetes = z.strictObject({
  namespace: z
    .string()
    .regex(DNS_LABEL, 'must be the name of a namespace')
    .optional()
    .describe('Default: that of the command.'),
  fairlead: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Fairlead's own image, as `fairlead image build --self` makes it: brings models to servers of others, and is the gateway.",
    ),
  models: z
    .enum(['auto', 'image', 'volume'])
    .default('auto')
    .describe(
      'Where pods have models from. auto: those of a path are in the image, those of pvc:// in their volume, all others are pulled. image: all are in the image. volume: those of oci:// are mounted as image volumes, of which the folder models is the model.',
    ),
  cache: oneKeyOf({
    size: sizeText(largest.memory).optional().describe('An empty folder for each pod, of this size at most.'),
    claim: objectName('a PersistentVolumeClaim')
      .optional()
      .describe('A volume that all pods share (ReadWriteMany).'),
  })
    .optional()
    .describe('Where pulled models are kept. Default: an empty folder of 10Gi.'),
  pullSecrets: z.array(objectName('a Secret')).max(MOST).default([]).describe('For images.'),
  credentials: objectName('a Secret')
    .optional()
    .describe('Its keys are variables for pulling models, such as AWS_ACCESS_KEY_ID.'),
  env: z
    .record(z.string().regex(VARIABLE, 'must be a name of a variable'), z.string().max(4000))
    .default({})
    .describe('More variables of every container, such as AWS_REGION. Nothing secret.'),
  secrets: z
    .strictObject({
      tls: objectName('a Secret')
        .optional()
        .describe('Of type kubernetes.io/tls: tls.crt, tls.key and, for mutual TLS, ca.crt.'),
      predict: objectName('a Secret')
        .optional()
        .describe('With keys.yaml: what server.auth.predict.keys.file is.'),
      admin: objectName('a Secret')
        .optional()
        .describe('With keys.yaml: what server.auth.admin.keys.file is.'),
    })
    .prefault({}),
  serviceAccount: oneKeyOf({
    name: objectName('a ServiceAccount').optional().describe('One that is there.'),
    annotations: annotations
      .optional()
      .describe('Of the one that is made, such as eks.amazonaws.com/role-arn.'),
  }).optional(),
  startup: duration('5m', shortest.startup).describe(
    'For a pod to pull, load and warm its models; then it is started again.',
  ),
  nodeSelector: nodeLabels.default({}),
  tolerations: z.array(toleration).max(MOST).default([]),
  priorityClass: objectName('a PriorityClass').optional(),
  runtimeClass: objectName('a RuntimeClass').optional(),
  surge: z
    .enum(['auto', 'before', 'after'])
    .default('auto')
    .describe(
      'Whether a new pod comes before an old one goes, or after: where no card is free, only after. auto: after for pods with a GPU, otherwise before.',
    ),
  temporary: size('1Gi', largest.memory).describe('Of /tmp, at most.'),
  labels: labels.default({}).describe('More labels of every object and pod.'),
  annotations: annotations.default({}).describe('More annotations of every pod.'),
  metrics: metrics.prefault({ annotations: {} }),
  network: network.prefault({}),
});

export type KubernetesOptions = Readonly<z.output<typeof kubernetes>>;
