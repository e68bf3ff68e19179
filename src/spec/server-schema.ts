/** `spec.server`: what is the server's as a whole, and how models run that do not say otherwise. */
import * as z from 'zod';
import { auth } from './auth-schema.ts';
import { counts, fitsGrace, largest, readDuration, shortest } from './bounds.ts';
import { count, duration, durationText, oneKeyOf, size, sizeText } from './fields.ts';
import { observing } from './observing-schema.ts';
import { serverSettings } from './settings-schema.ts';
import { cors, tls } from './tls-schema.ts';

const limits = z.strictObject({
  body: size('128Mi').describe(
    'The largest request body, or gRPC message, after decompression. A large one of JSON is read in a thread of its own, so that others need not wait, and may need four times its size in memory.',
  ),
  inFlight: count(counts.inFlight, 4096).describe('Requests accepted at once; more are answered 503.'),
  requestTime: duration('30s', shortest.requestTime).describe(
    'For a request to arrive whole; the deadline of its answer too, where no other is set.',
  ),
});

const drain = z
  .strictObject({
    delay: duration('0s', shortest.delay).describe(
      'Still accepting after SIGTERM, while load balancers take notice.',
    ),
    grace: duration('30s', shortest.grace).describe('From SIGTERM to exit, at most; no less than 1s.'),
  })
  .refine(({ delay, grace }) => !isOver(delay, grace), {
    error: 'must be shorter than grace, which counts from the same moment',
    path: ['delay'],
  });

const control = oneKeyOf({
  poll: durationText(shortest.poll).optional().describe('Looks so often for versions that came or went.'),
  explicit: z.strictObject({}).optional().describe('Clients may load models anew and unload them.'),
});

const lazy = z.strictObject({
  memory: sizeText(largest.memory)
    .optional()
    .describe('So much for the models that are loaded; those asked least lately make room for others.'),
});

export const server = z.strictObject({
  ...serverSettings,
  limits: limits.prefault({}),
  drain: drain.prefault({}),
  control: control.optional().describe('How the models change while a server runs. Default: they do not.'),
  lazy: lazy.optional().describe('A model is loaded when the first request for it comes.'),
  auth: auth.optional().describe('Who may ask for what. Default: everybody for everything.'),
  tls: tls.optional(),
  cors: cors.optional(),
  ...observing,
});

/** What cannot be read is a fault of its own, told at its own place. */
function isOver(delay: string, grace: string): boolean {
  const [spent, most] = [readDuration(delay, shortest.delay), readDuration(grace, shortest.grace)];
  return spent.ok && most.ok && !fitsGrace(spent.value, most.value);
}
