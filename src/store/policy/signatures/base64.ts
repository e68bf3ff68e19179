import * as z from 'zod';

/** Bytes as JSON has them in messages of protobuf. Other characters would be passed over by whoever decodes. */
export const base64 = z
  .string()
  .min(1)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .transform(text => Buffer.from(text, 'base64'));
