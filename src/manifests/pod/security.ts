/** What the restricted Pod Security Standard asks for, and a root file system that nobody writes to. */

/**
 * Of fairlead's images. Said of every pod: the user of another image may be root, and then `runAsNonRoot` alone would keep it from
 * starting.
 */
const USER = 65_532;

/** Below it only root may listen, unless the pod says otherwise; no container here has root's rights. */
const FIRST_ORDINARY_PORT = 1024;

export function podSecurity(ports: readonly number[]): object {
  const isLow = ports.some(port => port < FIRST_ORDINARY_PORT);
  return {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    // Volumes are written by the group. Files of a large one are not all looked at again on each start.
    fsGroup: USER,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
    ...(isLow && { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }),
  };
}

export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;
