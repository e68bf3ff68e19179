/** Who counts the bytes that clients make the server hold. */
export interface ByteBudget {
  /** Throws `overloaded` when there is no room for so many more. */
  hold(bytes: number): void;
  release(bytes: number): void;
}
