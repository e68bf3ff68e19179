import { messageOf } from '#base';

/** Runs a bench: what it is asked wrongly is 2 with its usage, what it cannot do here is 3, each with one sentence. */
export async function runProgram<P>(
  readPlan: (args: readonly string[]) => P,
  usage: string,
  main: (plan: P) => Promise<void>,
): Promise<void> {
  let plan: P;
  try {
    plan = readPlan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n${usage}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    await main(plan);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    process.exitCode = 3;
  }
}
