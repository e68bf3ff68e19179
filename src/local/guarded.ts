/**
 * A command that is killed, with its whole process group, as soon as the standard input that it is started with closes: however
 * its starter ends, the system closes that. The command itself has another standard input.
 *
 * The shell leaves a watcher in the group and becomes the command, so that process id, signals and exit code are the command's
 * own. The watcher is nobody's child that the command would wait for. It holds the group's number: that cannot be another's
 * when it kills. Before that it removes the folder that the starter made for the command and cannot remove any more. The
 * environment is the command's, so the watcher waits without another program, and looks for those it needs elsewhere too.
 */
export function guarded(argv: readonly string[], folder: string): readonly string[] {
  return ['/bin/sh', '-c', SCRIPT, 'fairlead', folder, ...argv];
}

const SCRIPT = `exec 3<&0 </dev/null
folder=$1
shift
( ( trap '' HUP INT TERM
    PATH=/usr/bin:/bin:$PATH
    while read -r _; do :; done <&3
    rm -rf -- "$folder"
    kill -s KILL -- -$$ ) >/dev/null 2>&1 & )
exec "$@" 3<&-`;
