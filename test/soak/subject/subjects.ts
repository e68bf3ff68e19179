import { Hosted } from './hosted.ts';
import { Up } from './up.ts';

/** What is soaked: a model server, and a service of two servers behind their gateway. */
export interface Subjects {
  readonly hosted: Hosted;
  readonly up: Up;
}

/** Starts both or none. `onLine` gets what the model server says on stderr. */
export async function startSubjects(onLine: (line: string) => void): Promise<Subjects> {
  const [hosted, up] = await Promise.allSettled([Hosted.start(onLine), Up.start()]);
  if (hosted.status === 'fulfilled' && up.status === 'fulfilled') {
    const subjects = { hosted: hosted.value, up: up.value };
    process.once('exit', () => endAtOnce(subjects));
    return subjects;
  }
  for (const one of [hosted, up]) if (one.status === 'fulfilled') await one.value.stop();
  throw hosted.status === 'rejected'
    ? hosted.reason
    : up.status === 'rejected'
      ? up.reason
      : new Error('unreachable');
}

/** However the soak ends, nothing of it goes on. What has ended already does not mind. */
function endAtOnce({ hosted, up }: Subjects): void {
  hosted.child.kill('SIGKILL');
  up.kill();
}
