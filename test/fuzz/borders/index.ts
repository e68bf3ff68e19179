/** Every border that can be fuzzed without a socket. */
import type { Border } from '../border.ts';
import { binary } from './binary.ts';
import { bodies } from './bodies.ts';
import { calls } from './calls.ts';
import { frames, metadata } from './frames.ts';
import { json } from './json.ts';
import { heads, paths } from './paths.ts';
import { protobuf } from './protobuf.ts';

export const borders: readonly Border[] = [
  json,
  bodies,
  binary,
  protobuf,
  calls,
  frames,
  metadata,
  paths,
  heads,
];
