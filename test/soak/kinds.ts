import { burst } from './chaos/burst.ts';
import { repositoryKinds } from './chaos/repository.ts';
import { serverKiller } from './chaos/servers.ts';
import { threadKiller } from './chaos/threads.ts';
import { Excuses } from './excuses.ts';
import { Factors } from './good/factors.ts';
import { goodKinds, upKinds } from './good/kinds.ts';
import { hostileKinds } from './hostile/kinds.ts';
import type { Kind } from './kind.ts';
import type { Hosted } from './subject/hosted.ts';
import type { Up } from './subject/up.ts';

/** Everything that happens at once. */
export function allKinds(hosted: Hosted, up: Up): Kind[] {
  const { place, folder } = hosted;
  const excuses = new Excuses();
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
