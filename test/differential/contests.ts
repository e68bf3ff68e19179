/** Which requests go to which peer, and what may differ there. */
import { binaryGroups } from './cases/binary.ts';
import type { Group } from './cases/case.ts';
import { jsonGroups } from './cases/json.ts';
import { fatalGroup, malformedGroups } from './cases/malformed.ts';
import { managementGroups } from './cases/management.ts';
import { rpcClassGroup, rpcInferGroups } from './cases/rpc-infer.ts';
import { rpcControlGroups, rpcServerGroup } from './cases/rpc-service.ts';
import { serverGroups } from './cases/server.ts';
import { compressionGroups, framingGroups } from './cases/transport.ts';
import { mlserverRules } from './mlserver-rules.ts';
import { startMlserver } from './peers/mlserver.ts';
import type { Peer } from './peers/process.ts';
import { startTriton } from './peers/triton.ts';
import type { Rule } from './rules.ts';
import { tritonRules } from './triton-rules.ts';

export interface Contest {
  readonly groups: readonly Group[];
  readonly rules: readonly Rule[];
  /** Starts the peer with at least these of the fixtures, in a folder of the caller's. */
  start(folder: string, models: ReadonlySet<string>): Promise<Peer>;
}

const rpc = [rpcServerGroup, ...rpcInferGroups];
const json = [...serverGroups, ...jsonGroups, ...malformedGroups];

export const contests: readonly Contest[] = [
  {
    groups: [
      ...json,
      ...binaryGroups,
      ...framingGroups,
      ...compressionGroups,
      ...managementGroups,
      ...rpc,
      rpcClassGroup,
      ...rpcControlGroups,
      fatalGroup,
    ],
    rules: tritonRules,
    start: startTriton,
  },
  // MLServer has no binary tensors over REST, no statistics and no configuration; its streams are of other messages.
  { groups: [...json, ...framingGroups, ...rpc], rules: mlserverRules, start: startMlserver },
];
