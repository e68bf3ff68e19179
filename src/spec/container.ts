/** Where things lie in a container, and what a file names that lies there elsewhere than on this machine. */

/** Below it a folder for each model, and in that one for each version. */
export const MODELS = '/models';
/** What a server reads beside its models. */
export const SETTINGS = '/etc/fairlead';
/** Where the command of a server of the user's own starts, if its folder is packed. */
export const SERVICE = '/opt/service';
/** What changes while it runs, and what it writes: folders that are mounted. */
export const RUN = '/run/fairlead';
export const LOGS = '/var/log/fairlead';

/** A file or folder of this machine that is packed, and its path in the container. */
export interface Packed {
  readonly from: string;
  readonly to: string;
}

/** What is not packed, since it is secret or changes: a path in the container where it has to be mounted. */
export interface Mounted {
  /** `server.tls.key`, as the file has it. */
  readonly field: string;
  readonly path: string;
  readonly why: string;
}

/** What the container does not do though the file says it, and who does. */
export interface LeftOut {
  readonly field: string;
  readonly why: string;
}
