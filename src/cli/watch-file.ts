import { unwatchFile, watchFile } from 'node:fs';

/** What follows a text while somebody edits it. */
export interface Follower<T> {
  /** The text that is in force already. */
  readonly seen: string;
  readonly read: () => Promise<string>;
  /** What a text means. Runs for one text at a time, the newest last. */
  readonly load: (text: string) => Promise<T>;
  /** Puts it in force. Called in the order of the texts; a later call takes over from one that is still under way. */
  readonly apply: (loaded: T) => Promise<void>;
  /** Told when the newest text is in force. */
  readonly applied: () => void;
  /** Told what is wrong with a text that is not put in force. */
  readonly failed: (error: unknown) => void;
}

/** How often a file is looked at. Milliseconds. */
const LOOK_MS = 250;

/** Follows a file, from what was in force on: an edit made before counts too. The answer ends it. */
export function watchText<T>(path: string, follower: Follower<T>): () => void {
  const look = follow(follower);
  watchFile(path, { interval: LOOK_MS }, look);
  look();
  return () => unwatchFile(path, look);
}

/**
 * The answer looks for a new text and puts it in force. It may be called at any time: a look while another one reads or
 * loads comes after it, so a text that loads slowly never overtakes a newer one.
 */
export function follow<T>(follower: Follower<T>): () => void {
  const { read, load, failed } = follower;
  const turns = inOrder(follower);
  let { seen } = follower;
  let isLooking = false;
  let again = false;
  const look = async (): Promise<void> => {
    const text = await read();
    if (text === seen) return;
    seen = text;
    turns(await load(text));
  };
  const work = async (): Promise<void> => {
    isLooking = true;
    while (again) {
      again = false;
      await look().catch(failed);
    }
    isLooking = false;
  };
  return () => {
    again = true;
    if (!isLooking) void work();
  };
}

/** Applies each, and tells of the newest only: what was taken over from ends with no word of its own. */
function inOrder<T>({ apply, applied, failed }: Follower<T>): (loaded: T) => void {
  let newest = 0;
  return loaded => {
    const turn = ++newest;
    apply(loaded).then(
      () => turn === newest && applied(),
      (error: unknown) => turn === newest && failed(error),
    );
  };
}
