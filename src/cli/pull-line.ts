/** How far a pull is, in one line. */
import type { Progress } from '#store';

/** A pull that is watched. Milliseconds count from any moment. */
export interface Watched {
  readonly progress: Progress;
  /** When its first byte came, and how many had come by then. */
  readonly since: number;
  readonly had: number;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const BAR = 20;

/** Bytes for people: `1.4 GiB`. */
export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
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

/** How much of something is done, from 0 to 1. */
export function barText(part: number): string {
  const full = Math.floor(part * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
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
