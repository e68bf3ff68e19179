/** Where two answers to one request differ. */
import type { Case } from './cases/case.ts';
import type { View } from './view.ts';

export interface Difference {
  readonly of: Case;
  /** What fairlead answered. */
  readonly status: number;
  /** A name of the views: `status`, a header, a place in the body. */
  readonly field: string;
  /** Undefined where there is no such thing in the answer. */
  readonly peer: string | undefined;
  readonly fairlead: string | undefined;
}

/** Names of the views whose texts differ; only the status where that does, for then the bodies have nothing in common. */
export function compare(of: Case, peer: View, fairlead: View): Difference[] {
  const status = Number(fairlead['status']);
  if (peer['status'] !== fairlead['status'])
    return [{ of, status, field: 'status', peer: outcome(peer), fairlead: outcome(fairlead) }];
  const fields = new Set([...Object.keys(peer), ...Object.keys(fairlead)]);
  return [...fields]
    .filter(field => of.varies?.test(field) !== true && peer[field] !== fairlead[field])
    .map(field => ({
      of,
      status,
      field: sameNumbers(field, peer, fairlead) ? `${field} (text)` : field,
      peer: peer[field],
      fairlead: fairlead[field],
    }));
}

/** The status, and what was said: data, or what is wrong in the words of Triton or of FastAPI. */
function outcome(view: View): string {
  const said = ['error', 'detail', 'detail[0].msg', 'outputs[0].data', 'outputs[0].bytes'];
  const name = said.find(field => view[field] !== undefined) ?? '';
  return [view['status'], view[name]].filter(text => text !== undefined).join(' ');
}

/** Whether a tensor's data are the same numbers, written differently. */
function sameNumbers(field: string, peer: View, fairlead: View): boolean {
  const output = /^(outputs\[\d+\])\.data$/.exec(field)?.[1];
  const datatype = peer[`${output}.datatype`];
  if (datatype !== '"FP32"' && datatype !== '"FP64"') return false;
  const [ours, theirs] = [fairlead, peer].map(view => bits(view[field] ?? '', datatype));
  return ours !== undefined && theirs !== undefined && ours.equals(theirs);
}

function bits(text: string, datatype: string): Buffer {
  const values = text.slice(1, -1).split(',').map(Number);
  return Buffer.from((datatype === '"FP32"' ? Float32Array : Float64Array).from(values).buffer);
}
