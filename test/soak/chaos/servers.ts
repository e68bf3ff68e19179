import { setTimeout } from 'node:timers/promises';
import type { Kind } from '../kind.ts';
import type { Up } from '../subject/up.ts';

/** For a server to be there again. Milliseconds. */
const BACK_MS = 15_000;

/** One of the servers of `fairlead up`, killed while clients ask; before the next, it has to be back. */
export function serverKiller(up: Up): Kind {
  return {
    name: 'up, kill -9',
    family: 'chaos',
    rate: 1 / 6,
    most: 1,
    mustSee: [/^back again$/],
    async act(random) {
      const servers = up.servers();
      if (servers.length !== up.replicas)
        throw new Error(`${servers.length} servers are up, of ${up.replicas}`);
      const started = up.started;
      process.kill(random.pick(servers), 'SIGKILL');
      const since = performance.now();
      while (up.started === started || (await up.healthy()) !== up.replicas) {
        if (performance.now() - since > BACK_MS)
          throw new Error(`a server was not back in ${BACK_MS / 1000} s`);
        await setTimeout(50);
      }
      return 'back again';
    },
  };
}
