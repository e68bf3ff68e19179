/** Kills pulls at random moments and looks what they leave: `npm run store:kills -- --kills 200`. Ends with 1 when that is wrong. */
import { parseArgs } from 'node:util';
import { killPulls } from './kills.ts';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' } } });
const { kills, pulls, inTheMiddle, reused, bytes, faults } = await killPulls(
  Number(values.kills),
  Math.random,
);
const megabytes = (count: number): string => `${Math.round(count / 2 ** 20)} MiB`;
process.stdout.write(
  `${kills} kills, ${inTheMiddle} of them in the middle of a pull; ${pulls} pulls came to their end, with ${megabytes(reused)} that ` +
    `killed ones had left and ${megabytes(bytes)} fetched; ${faults.length} faults\n`,
);
for (const fault of faults) process.stdout.write(`  ${fault}\n`);
if (faults.length > 0 || inTheMiddle === 0) process.exitCode = 1;
