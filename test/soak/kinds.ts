import { burst } from './chaos/burst.ts';
import { repositoryKinds } from './chaos/repository.ts';
import { serverKiller } from './chaos/servers.ts';
import { threadKiller } from './chaos/threads.ts';
import { Excuses } from './excuses.ts';
import { Factors } from './good/factors.ts';
import { goodKinds, upKinds } from './good/kinds.ts';
import { hostileKinds } from './hostile/kinds.ts';
import type { Kind } from './kind.ts';
import type { Subjects } from './subject/subjects.ts';

/** In a short run, as of a build machine that does other things too. Milliseconds. */
const SHORT_RECOVERY_MS = 3000;

/** Everything that happens at once. A short run allows for more time until a server is well again. */
export function allKinds({ hosted, up }: Subjects, isShort: boolean): Kind[] {
  const { place, folder } = hosted;
  const excuses = isShort ? new Excuses(SHORT_RECOVERY_MS) : new Excuses();
  const factors = new Factors();
  return [
    ...goodKinds({ place, factors, excuses }),
    ...upKinds(up.place),
    ...hostileKinds(place, excuses),
    ...repositoryKinds({ place, folder, factors }),
    threadKiller(hosted, excuses),
    burst(place, excuses),
    serverKiller(up),
  ];
}
