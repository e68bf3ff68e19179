/** What is the same of all documents of a build. */
export interface About {
  /** Seconds since 1970, that all is said to be of. */
  readonly epoch: number;
  readonly tool: { readonly name: string; readonly version: string };
}
