import type { Pending } from './pending.ts';
import { placeOf, type Waiting } from './queue.ts';
import { type Policy, type Taken, take } from './take.ts';

/** The requests of one model that wait for their turn, in order and counted. */
export class RequestQueue {
  #waiting: Pending[] = [];
  #rows = 0;
  #bytes = 0;

  get length(): number {
    return this.#waiting.length;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Rows that will run before one that is not in the queue yet. */
  rowsBefore(one: Waiting): number {
    let rows = this.#rows;
    const place = placeOf(this.#waiting, one);
    for (let behind = this.#waiting.length; behind > place; behind--)
      rows -= this.#waiting[behind - 1]?.rows ?? 0;
    return rows;
  }

  add(pending: Pending): void {
    const place = placeOf(this.#waiting, pending);
    if (place === this.#waiting.length) this.#waiting.push(pending);
    else this.#waiting.splice(place, 0, pending);
    this.#rows += pending.rows;
    this.#bytes += pending.bytes;
  }

  /** False when it is not in the queue. */
  remove(pending: Pending): boolean {
    const place = this.#waiting.indexOf(pending);
    if (place === -1) return false;
    this.#waiting.splice(place, 1);
    this.#discount([pending]);
    return true;
  }

  /** Takes the next batch out, and what is late. */
  take(policy: Policy, now: number): Taken<Pending> {
    const taken = take(this.#waiting, policy, now);
    this.#waiting = [...taken.rest];
    this.#discount(taken.batch);
    this.#discount(taken.late);
    return taken;
  }

  /** Takes out all whose deadline is before `now`. */
  expired(now: number): readonly Pending[] {
    const late = this.#waiting.filter(({ deadline }) => deadline < now);
    if (late.length === 0) return late;
    this.#waiting = this.#waiting.filter(({ deadline }) => deadline >= now);
    this.#discount(late);
    return late;
  }

  /** Takes everything out. */
  clear(): readonly Pending[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#discount(all);
    return all;
  }

  /** The nearest deadline; Infinity when nothing waits. */
  nearest(): number {
    let nearest = Infinity;
    for (const { deadline } of this.#waiting) nearest = Math.min(nearest, deadline);
    return nearest;
  }

  #discount(gone: readonly Pending[]): void {
    for (const { rows, bytes } of gone) {
      this.#rows -= rows;
      this.#bytes -= bytes;
    }
  }
}
