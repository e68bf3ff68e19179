import type { ByteBudget } from '../../budget.ts';
import type { RpcLimits } from '../../rpc/limits.ts';
import type { OpenCall } from './open-call.ts';

/** Who keeps the calls of a connection. */
export interface CallHost {
  readonly peer: string;
  readonly limits: RpcLimits;
  readonly budget: ByteBudget;
  /** Comes once for each call, when its stream is gone; `isRapid` when its client took it back as soon as it was made. */
  over(call: OpenCall, isRapid: boolean): void;
}
