/** What a thread that reads files is asked, and what it answers. */
import type { ByteRange } from '../../source.ts';
import type { Algorithm } from './digesting.ts';

export type Job =
  | {
      readonly kind: 'hash';
      readonly id: number;
      readonly path: string;
      readonly algorithms: readonly Algorithm[];
      /** Of the whole file, where it is known: Git hashes it too. */
      readonly size: number | undefined;
      /** How far to read now; to the end without. */
      readonly upTo: number | undefined;
      readonly isLast: boolean;
    }
  | {
      readonly kind: 'check';
      readonly id: number;
      readonly path: string;
      readonly ranges: readonly ByteRange[];
    }
  | { readonly kind: 'sync'; readonly id: number; readonly paths: readonly string[] }
  | { readonly kind: 'drop'; readonly id: number };

export type Told =
  | { readonly id: number; readonly kind: 'progress'; readonly position: number }
  | { readonly id: number; readonly kind: 'hashed'; readonly size: number; readonly hexes: readonly string[] }
  | { readonly id: number; readonly kind: 'checked'; readonly crcs: readonly number[] }
  | { readonly id: number; readonly kind: 'synced' }
  | {
      readonly id: number;
      readonly kind: 'failed';
      readonly code: string | undefined;
      readonly problem: string;
    };
