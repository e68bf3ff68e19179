import { plainError } from '../port.ts';
import type { JsonObject } from './json.ts';
import { surfaceOf } from './operation.ts';

export const v2Surface = surfaceOf({ error: plainError }, 'v2', 'Error');

export const text: JsonObject = { type: 'string' };
