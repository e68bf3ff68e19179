/** Where a server listens. */
export interface Place {
  /** `http://host:port`. */
  readonly http: string;
  /** `host:port`. */
  readonly grpc: string;
}
