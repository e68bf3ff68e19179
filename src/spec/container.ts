/** Where things lie in a container, and what a file names that lies there elsewhere than on this machine. */

/** Below it a folder for each model, and in that one for each version. */
export const MODELS = '/models';
/** What a server reads beside its models. */
export const SETTINGS = '/etc/fairlead';
/** Where the command of a server of the user's own starts, if its folder is packed. */
export const SERVICE = '/opt/service';
/** Where a server that pulls its models keeps them. */
export const CACHE = '/var/cache/fairlead';
/** Below it a folder for each claim that `pvc://` names, as the store looks for them. */
export const CLAIMS = '/mnt/pvc';
/** The command that is fairlead itself: by whole paths, since nothing else says where programs are. */
export const PROGRAM = '/opt/fairlead';
export const command = ['/usr/local/bin/node', `${PROGRAM}/fairlead.js`] as const;

/** All that other machines reach, as each of these servers has its ports by itself. */
export const ports = {
  own: { port: 8501, grpcPort: 8500 },
  custom: { port: 8501, grpcPort: 8500, metricsPort: 8502 },
  tensorflowServing: { port: 8501, grpcPort: 8500 },
  triton: { port: 8000, grpcPort: 8001, metricsPort: 8002 },
} as const;

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
