import { asAppError, failure } from '#base';
import type { ModelIdentity } from '#spec';
import type { Admission, Holder } from './admission.ts';
import type { Terms } from './batching/port.ts';
import { type ModelMetrics, outcomeOf } from './metrics/model-metrics.ts';
import type { Directory } from './models/directory.ts';
import type { RunningModel } from './models/running.ts';
import type { ServedModel } from './models/signature.ts';
import type { Observation } from './observing/observation.ts';
import type { Observer } from './observing/observer.ts';
import { type Caller, Prediction } from './prediction.ts';
import type { Answered, Decoded, Target } from './protocols/port.ts';
import { Roster } from './roster.ts';

/** A translator of this thread, or of another, which keeps one waiting. */
export interface Somewhere<F, R, C> {
  decode(content: C, model: ServedModel): Decoded<F> | Promise<Decoded<F>>;
  answer(form: F, answered: Answered): R | Promise<R>;
}

export interface PredictionPorts {
  readonly models: Directory<RunningModel>;
  readonly metricsOf: (model: ModelIdentity) => ModelMetrics;
  readonly admission: Admission;
  /** Undefined where nothing is told but metrics. */
  readonly observer?: Observer | undefined;
  /** Loads a model that is not, and enters it, within so many milliseconds; undefined where none is loaded when it is asked for. */
  readonly wake?: ((model: ModelIdentity, mostWaitMs: number) => Promise<RunningModel>) | undefined;
}

/** A model that is not loaded yet. */
const NOTHING_IN_FLIGHT: Holder = { inFlight: 0 };

/**
 * The path of every prediction, whichever protocol brought it: to its model, into a batch, and back. Protocols only
 * translate before and behind it.
 */
export class Predictions {
  readonly #ports: PredictionPorts;
  /** What is still owed an answer. */
  readonly #owed = new Roster<Prediction<never>>();

  constructor(ports: PredictionPorts) {
    this.#ports = ports;
  }

  /**
   * Takes a prediction on to be counted, and keeps the model that is to answer it from being closed. Throws
   * `model_unknown`, `version_unknown` or `input_invalid`.
   */
  open<R>(caller: Caller<R>, target: Target): Prediction<R> {
    const { observer } = this.#ports;
    const seen = observer?.begin(caller);
    if (observer === undefined || seen === undefined) return this.#open(caller, target, undefined);
    try {
      return this.#open(caller, target, seen);
    } catch (error: unknown) {
      const fault = asAppError(error);
      seen.settle(outcomeOf(fault), fault);
      throw error;
    } finally {
      // Behind what the prediction itself does then: its outcome is known.
      caller.onClose(() => observer.finish(seen, caller));
    }
  }

  #open<R>(caller: Caller<R>, target: Target, seen: Observation | undefined): Prediction<R> {
    const { models, metricsOf } = this.#ports;
    const identity = models.identify(target);
    if (seen !== undefined) seen.identity = identity;
    const model = models.readyOf(identity);
    const metrics = model?.metrics ?? metricsOf(identity);
    return new Prediction(caller, { identity, model, metrics, roster: this.#owed, seen });
  }

  /** Throws what can be said before the body is here: `model_not_ready` or `overloaded`. */
  check(prediction: Prediction<never>): void {
    const { wake, admission } = this.#ports;
    if (wake === undefined) modelOf(prediction);
    admission.check(prediction.model ?? NOTHING_IN_FLIGHT);
  }

  /** From what a request holds to its answer. Throws whatever went wrong; the prediction is then still pending. */
  async run<F, R, C>(prediction: Prediction<R>, translator: Somewhere<F, R, C>, content: C): Promise<void> {
    const { caller, seen } = prediction;
    seen?.bodyCame();
    const terms = caller.terms();
    if (prediction.model === undefined) await this.#wake(prediction, terms);
    if (!prediction.pending) return;
    const model = modelOf(prediction);
    caller.onClose(this.#ports.admission.enter(model));
    prediction.begin();
    const decoded = translator.decode(content, model);
    const { request, form } = decoded instanceof Promise ? await decoded : decoded;
    seen?.inputsRead(model, request);
    // Whoever left meanwhile keeps the model no longer: it may be closed.
    if (!prediction.pending) return;
    const { outputs: made, times, cancel } = model.executor.submit(request, terms, seen);
    caller.onClose(cancel);
    const outputs = await made;
    if (!prediction.pending) return;
    seen?.outputsCame(model, outputs);
    const reply = translator.answer(form, { model, outputs, seconds: caller.seconds() });
    const written = reply instanceof Promise ? await reply : reply;
    seen?.answerWritten();
    prediction.succeed(written, times);
  }

  /** What waits for its model to be loaded is not in flight yet: others must not be kept out for it. */
  async #wake(prediction: Prediction<never>, { deadlineMs = Infinity }: Terms): Promise<void> {
    const { identity, caller, seen } = prediction;
    seen?.modelAsked();
    const model = await this.#ports.wake?.(identity, deadlineMs - caller.seconds() * 1000);
    if (model === undefined) return;
    seen?.modelLoaded();
    prediction.meet(model);
  }

  /** Answers what is still in flight with 503, when there is no more time for it. */
  abandon(): void {
    for (const prediction of this.#owed.all()) prediction.fail(failure('draining', {}));
  }
}

function modelOf({ model, identity }: Prediction<never>): RunningModel {
  if (model === undefined || model.hopeless) throw failure('model_not_ready', identity);
  return model;
}
