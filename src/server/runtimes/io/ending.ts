/**
 * The end of a process that may have a model at work in another thread. Node ends its worker threads when it exits, and
 * a thread that is inside ONNX Runtime then throws where nothing can catch it: the process aborts, with a core dump and
 * exit code 134. So while native work is under way the process does not exit, it becomes another one that does.
 */
import { existsSync } from 'node:fs';

let underWay = 0;

/** Native work begins in another thread. */
export function workBegins(): void {
  underWay++;
}

/** It has ended, or its thread has. */
export function workEnds(): void {
  underWay--;
}

/** Ends the process with this code, whatever runs. Work under way is cut off; exit listeners are then not called. */
export function endProcess(code: number): never {
  if (underWay > 0) becomeExit(code);
  process.exit(code);
}

/** Where there is a shell it ends sooner than a Node would begin. */
const SHELL = '/bin/sh';

/** Works for process 1 of a container too, which no signal of its own ends. */
function becomeExit(code: number): void {
  try {
    const env = { ...process.env, NODE_OPTIONS: '' };
    if (existsSync(SHELL)) process.execve?.(SHELL, [SHELL, '-c', `exit ${code}`], env);
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], env);
  } catch {
    // Not on this system: a signal is the cleanest that is left.
  }
  process.kill(process.pid, 'SIGKILL');
}
