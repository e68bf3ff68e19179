/** A member of a roster; the roster keeps its place. */
export interface Member {
  /** Where it stands; -1 when it does not. */
  place: number;
}

/**
 * What is under way, in no order: joining and leaving cost the same however many there are. Not a Set: one that many
 * short-lived things pass through rebuilds its table all the time, each old table points to the next, and once one of
 * them is in the old generation, V8 frees nothing that passed through while it was young.
 */
export class Roster<T extends Member> {
  readonly #members: T[] = [];

  join(member: T): void {
    member.place = this.#members.push(member) - 1;
  }

  /** Leaving twice is leaving once. */
  leave(member: T): void {
    if (member.place === -1) return;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
  }

  /** Those that are members now, whoever joins or leaves meanwhile. */
  all(): T[] {
    return [...this.#members];
  }
}
