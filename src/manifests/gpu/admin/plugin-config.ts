/** The configuration of NVIDIA's device plugin. It passes over what it does not know, so a test reads these with its own code. */
import { GPU, type Sharing } from '../cards.ts';

/**
 * Shares are advertised under a name of their own, so that a pod which asks for a card never has a part of one; and a pod that asks
 * for two shares is refused, since they would give it no more of the card.
 */
export function pluginConfig({ kind, replicas }: Sharing): object {
  const shares = {
    renameByDefault: true,
    failRequestsGreaterThanOne: true,
    resources: [{ name: GPU, replicas }],
  };
  return { version: 'v1', flags: { migStrategy: 'none' }, sharing: { [kind]: shares } };
}
