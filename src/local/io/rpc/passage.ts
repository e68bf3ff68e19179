import type { AnswerRoom } from '../../rpc/answer-room.ts';
import type { OpenCalls } from '../../rpc/open-calls.ts';
import type { Passage } from '../passage.ts';
import type { Upstreams } from './upstreams.ts';

/** What all calls go through. */
export interface RpcPassage extends Passage {
  readonly upstreams: Upstreams;
  readonly calls: OpenCalls;
  readonly room: AnswerRoom;
}
