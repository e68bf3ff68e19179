// ONNX Runtime's own ceiling: runs a model in a loop, in one process and one thread, as no server can do more often.
//
//   node ceiling.mjs MODEL.onnx INPUT FP32|INT64 SHAPE ROW.bin SECONDS
//
// SHAPE is 1x3x184x184, ROW.bin its bytes. Prints {"runsPerSecond":…,"answer":[…]}.
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const [model, input, datatype, shape, row, seconds] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const bytes = readFileSync(row);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
const [type, data] =
  datatype === 'INT64' ? ['int64', new BigInt64Array(buffer)] : ['float32', new Float32Array(buffer)];
const feeds = { [input]: new ort.Tensor(type, data, shape.split('x').map(Number)) };
const output = session.outputNames.at(-1);

const run = async () => (await session.run(feeds))[output].data;
let answer = await run();
for (let warm = 0; warm < 5; warm++) await run();
const begin = performance.now();
let runs = 0;
for (; performance.now() - begin < Number(seconds) * 1000; runs++) answer = await run();
const runsPerSecond = runs / ((performance.now() - begin) / 1000);
process.stdout.write(`${JSON.stringify({ runsPerSecond, answer: Array.from(answer) })}\n`);
