/** What is wrong with a container, by what kubelet says of it. */
import { endedBadly, type Pod, type Running, runningOf, type Terminated } from './pod.ts';
import type { Reason } from './reason.ts';
import { brief } from './words.ts';

/** Lines of the log of one container. */
export interface Log {
  readonly pod: string;
  readonly container: string;
  readonly lines: readonly string[];
}

const IMAGE =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable)$/;
const CONFIGURATION = /^(?:CreateContainerConfigError|CreateContainerError|RunContainerError)$/;
const OOM = 'OOMKilled';
const KILLED = 137;

export function containerReasons(pod: Pod, logs: readonly Log[]): Reason[] {
  return runningOf(pod).flatMap(one => reasonOf(one, logs) ?? []);
}

function reasonOf(one: Running, logs: readonly Log[]): Reason | undefined {
  const { waiting } = one.status.state ?? {};
  if (IMAGE.test(waiting?.reason ?? '')) return imageReason(one);
  if (CONFIGURATION.test(waiting?.reason ?? '')) return configurationReason(one);
  const ended = endedBadly(one.status);
  if (ended !== undefined) return endReason(one, ended, linesOf(one, logs));
  return unready(one, linesOf(one, logs));
}

/** With "back-off" it says only that it tries again; the words before were the reason, and kubelet repeats them later. */
function imageReason({ status, isInit }: Running): Reason {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  const image = status.image === undefined || status.image === '' ? 'its image' : status.image;
  const why = pullProblem(message) ?? reason;
  return {
    code: 'image',
    sentence: `${titled(isInit, status.name)}: the image ${image} cannot be pulled: ${why}`,
    lines: [],
  };
}

/** containerd's words end with the one thing that counts; all before it says again what was tried. */
function pullProblem(message: string): string | undefined {
  if (/not found|manifest unknown|does not exist/i.test(message)) return 'the registry has no such image';
  if (/unauthorized|authentication required|denied|403 Forbidden|401/i.test(message))
    return 'the registry does not let it be pulled; spec.kubernetes.imagePullSecrets names a Secret with credentials';
  if (/no match for platform/i.test(message)) return "it is not for the node's kind of processor";
  const text = brief(message.replace(/^Back-off pulling image "[^"]*"(?:: )?/, ''));
  return text === '' ? undefined : text;
}

function configurationReason({ status, isInit }: Running): Reason {
  const { reason = '', message } = status.state?.waiting ?? {};
  const why = message === undefined || message === '' ? reason : brief(message);
  return {
    code: 'configuration',
    sentence: `${titled(isInit, status.name)} cannot be started: ${why}`,
    lines: [],
  };
}

function endReason(one: Running, ended: Terminated, lines: readonly string[]): Reason {
  const { status, isInit, memory } = one;
  const times =
    status.restartCount === undefined || status.restartCount < 1
      ? ''
      : `, ${status.restartCount + 1} times so far`;
  const title = titled(isInit, status.name);
  if (ended.reason === OOM) {
    const limit = memory === undefined ? 'memory' : `more memory than its limit of ${memory}`;
    const advice = 'spec.resources.memory is too small for it, or spec.server holds too much at once';
    return {
      code: 'memory',
      sentence: `${title} was killed${times}, since it used ${limit} (OOMKilled); ${advice}`,
      lines,
    };
  }
  return { code: 'crash', sentence: `${title} ends with ${endText(ended)}${times}`, lines };
}

function endText({ exitCode, signal, reason, message }: Terminated): string {
  const by = signal === undefined || signal === 0 ? '' : ` by signal ${signal}`;
  if (exitCode === KILLED) return `exit code ${exitCode}: it was killed${by}`;
  const more = reason === 'StartError' || reason === 'ContainerCannotRun' ? `: ${brief(message ?? '')}` : by;
  return `exit code ${exitCode}${more}`;
}

function unready({ status, isInit }: Running, lines: readonly string[]): Reason | undefined {
  if (status.state?.running === undefined) return undefined;
  const title = titled(isInit, status.name);
  if (isInit) return { code: 'init_running', sentence: `${title} has not ended yet`, lines };
  if (status.ready === true) return undefined;
  const what = status.started === false ? 'has not finished starting' : 'is not ready';
  return { code: 'not_ready', sentence: `${title} runs and ${what}`, lines };
}

function titled(isInit: boolean, name: string): string {
  return `${isInit ? 'init container' : 'container'} ${name}`;
}

function linesOf({ pod, status }: Running, logs: readonly Log[]): readonly string[] {
  return logs.find(log => log.pod === pod && log.container === status.name)?.lines ?? [];
}
