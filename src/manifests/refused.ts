/** A field that Kubernetes has no way to honour. */
export interface Refused {
  /** As the file has it: `spec.server.tls.key`. */
  readonly path: string;
  readonly problem: string;
}
