/** Every border that can be fuzzed without a socket. */
import type { Border } from '../border.ts';
import { binary } from './binary.ts';
import { bodies } from './bodies.ts';
import { calls } from './calls.ts';
import { frames } from './frames.ts';
import { heads } from './heads.ts';
import { inflating } from './inflating.ts';
import { json } from './json.ts';
import { metadata } from './metadata.ts';
import { paths } from './paths.ts';
import { protobuf } from './protobuf.ts';
import { targets } from './targets.ts';

export const borders: readonly Border[] = [
  json,
  bodies,
  binary,
  protobuf,
  calls,
  targets,
  frames,
  metadata,
  paths,
  heads,
  inflating,
];
