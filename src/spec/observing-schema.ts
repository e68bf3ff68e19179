/** `spec.server.tracing`, `log` and `payloadLog`: what a server tells of its work. */
import * as z from 'zod';
import { counts, eventForms, largest, logLevels, shortest } from './bounds.ts';
import { countOf, durationText, fraction, size, sizeText, url } from './fields.ts';

const text = {
  endpoint:
    "An OpenTelemetry collector's address for traces, with its path: http://localhost:4318/v1/traces. Credentials for it go in OTEL_EXPORTER_OTLP_HEADERS.",
  sample:
    'The part of requests without a trace of their own that is traced, 0 to 1. Default: OTEL_TRACES_SAMPLER_ARG, or 0.01.',
  level: 'The least level that is logged.',
  requests: 'The part of predictions, 0 to 1, of which each has a line in the log.',
  slow: 'A prediction that takes longer has a line in the log, which says where the time went.',
  file: 'Records go to this file as lines of JSON; only the owner of one that is made new may read it.',
  http: 'Records go to this address as CloudEvents. Credentials for it go in FAIRLEAD_PAYLOAD_LOG_HEADERS.',
  recorded: 'The part of predictions, 0 to 1, that is recorded.',
  redact: 'Inputs and outputs whose values are left out: names, or /inputs/NAME and /outputs/NAME.',
  maxBytes:
    'The most of one record for its inputs, and as much for its outputs; the rest of large tensors is cut.',
  maxFile: 'A file that would be larger is put aside as FILE.1, and older ones as FILE.2 and so on.',
  files: 'Files that are kept, the one that is written among them.',
  form: 'Of CloudEvents: with attributes in the body (structured) or in headers (binary).',
} as const;

const tracing = z
  .strictObject({
    endpoint: url().describe(text.endpoint),
    sample: fraction().optional().describe(text.sample),
  })
  .describe('Sends traces to a collector of OpenTelemetry, by OTLP over HTTP.');

const log = z.strictObject({
  level: z.enum(logLevels).optional().describe(text.level),
  requests: fraction().optional().describe(text.requests),
  slow: durationText(shortest.slow).optional().describe(text.slow),
});

const payloadLog = z
  .strictObject({
    file: z.string().min(1).optional().describe(text.file),
    http: url().optional().describe(text.http),
    sample: fraction().default(1).describe(text.recorded),
    redact: z.array(z.string().min(1)).default([]).describe(text.redact),
    maxBytes: size('64Ki', largest.record).describe(text.maxBytes),
    maxFile: sizeText(largest.memory).optional().describe(`${text.maxFile} Default: 100Mi.`),
    files: countOf(counts.files).optional().describe(`${text.files} Default: 4.`),
    form: z.enum(eventForms).optional().describe(`${text.form} Default: structured.`),
  })
  .refine(({ file, http }) => (file === undefined) !== (http === undefined), {
    error: 'must have exactly one of file, http',
  })
  .refine(({ file, form }) => file === undefined || form === undefined, {
    error: 'has no effect on a file',
    path: ['form'],
  })
  .refine(({ http, maxFile }) => http === undefined || maxFile === undefined, {
    error: 'has no effect without a file',
    path: ['maxFile'],
  })
  .refine(({ http, files }) => http === undefined || files === undefined, {
    error: 'has no effect without a file',
    path: ['files'],
  });

/** Of `spec.server`. */
export const observing = {
  tracing: tracing.optional(),
  log: log.optional().describe('What is logged besides.'),
  payloadLog: payloadLog.optional().describe('Records what was asked and answered.'),
};
