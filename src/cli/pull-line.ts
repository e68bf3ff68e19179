/** How far a pull is, in one line. */
import { barText, sizeText } from '#base';
import type { Progress } from '#store';

/** A pull that is watched. Milliseconds count from any moment. */
export interface Watched {
  readonly progress: Progress;
  /** When its first byte came, and how many had come by then. */
  readonly since: number;
  readonly had: number;
}

/** `s3://m/digits/3  ████████░░░░░░░░░░░░  40 %  1.0 of 2.6 GiB, 3 files  310 MiB/s  5 s left`. */
export function pullLine(watched: Watched, now: number): string {
  const { uri } = watched.progress;
  return [uri, ...partsOf(watched, now)].join('  ');
}

function partsOf(watched: Watched, now: number): string[] {
  const { phase, files, total, done, reused } = watched.progress;
  const count = `${files} ${files === 1 ? 'file' : 'files'}`;
  if (phase === 'listing') return ['looking what is there'];
  if (phase === 'waiting') return ['waiting for another process that fetches it'];
  if (phase === 'done') return [`${sizeText(done)}, ${count}`];
  const here = reused > 0 ? `, ${sizeText(reused)} of it were here` : '';
  if (phase !== 'fetching') return [phase, `${sizeText(done)}, ${count}${here}`];
  const rate = rateOf(watched, now);
  const speed = rate === undefined ? [] : [`${sizeText(rate)}/s`];
  if (total === undefined || total === 0) return [sizeText(done), ...speed];
  const part = Math.min(1, done / total);
  const left = rate === undefined || rate < 1 ? [] : [`${timeText((total - done) / rate)} left`];
  const said = `${sizeText(done)} of ${sizeText(total)}, ${count}${here}`;
  return [barText(part), `${Math.floor(part * 100)} %`, said, ...speed, ...left];
}

/** Bytes a second since its first; undefined while there is too little to tell by. */
function rateOf({ progress, since, had }: Watched, now: number): number | undefined {
  const seconds = (now - since) / 1000;
  return seconds < 0.5 ? undefined : (progress.done - had) / seconds;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
