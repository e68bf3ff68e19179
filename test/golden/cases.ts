/** What is rendered for the golden files: a few whole services, chosen so that each kind of object is there and few are there twice. */
import type { KubeObject } from '#manifests';
import { extended } from '../../src/manifests/fixtures/objects.ts';

export interface GoldenCase {
  /** Of its file, without `.yaml`. */
  readonly name: string;
  readonly objects: () => readonly KubeObject[];
}

export const cases: readonly GoldenCase[] = [{ name: 'by-hand', objects: () => extended }];
