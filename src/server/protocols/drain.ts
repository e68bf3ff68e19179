/** What the machine's own tools ask: that the server ends in good order, since the machine is taken away. */
import { failure } from '#base';
import { type Content, json, manage, type Protocol, plainError } from './port.ts';

/** One path, here and at the gateway. */
const PATH = '/fairlead/drain';

export interface DrainRequests {
  /** Whether who asks may. */
  readonly allows: (asked: Content) => boolean;
  readonly begin: () => void;
}

export function drainRequests({ allows, begin }: DrainRequests): Protocol {
  const methods = manage(content => {
    if (!allows(content)) throw failure('drain_forbidden', {});
    begin();
    return json(202, '{"status":"draining"}');
  });
  return {
    name: 'drain',
    owns: path => path === PATH,
    route: () => methods,
    error: plainError,
  };
}
