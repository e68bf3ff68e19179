import { milliseconds, type Scaling } from '#spec';

/**
 * How fast pods come and go: up at once to twice as many, or by four where that is more; down by one a minute, or a tenth of many,
 * for a pod that went too early is minutes away, since it has its models to load first.
 */
export function behaviorOf({ up, down }: Scaling) {
  return {
    scaleUp: {
      stabilizationWindowSeconds: secondsOf(up.window),
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 100, periodSeconds: 15 },
        { type: 'Pods', value: 4, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: secondsOf(down.window),
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 10, periodSeconds: 60 },
        { type: 'Pods', value: 1, periodSeconds: 60 },
      ],
    },
  };
}

export function secondsOf(window: string): number {
  return milliseconds(window) / 1000;
}
