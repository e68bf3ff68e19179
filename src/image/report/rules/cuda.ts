/** Libraries for graphics cards in an image that computes on the processor. */
import { type Candidate, largestText } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

const LIBRARY =
  /(?:^|\/)lib(?:cudnn|cublas|cufft|cufile|curand|cusolver|cusparse|cudart|cupti|nccl|nvrtc|nvinfer|nvonnxparser|nvJitLink|nvshmem|c10_cuda|torch_cuda|onnxruntime_providers_(?:cuda|tensorrt))[\w-]*(?:\.so|\.a)(?:\.[\d.]+)?$/;
const FOLDER = /^usr\/local\/cuda(?:-[\d.]+)?\/|\/site-packages\/(?:nvidia|triton)\//;
/** What asks for one: `device: cuda`, `--provider=cuda`. */
const ASKS = /cuda|tensorrt|gpu/i;

export function cudaOnCpu(laid: Laid): readonly Candidate[] {
  const { program, run } = laid.recipe;
  // A server of others asks by itself.
  if (program === undefined || [...run.cmd, ...Object.values(run.env)].some(text => ASKS.test(text)))
    return [];
  const all = laid.files.filter(
    ({ path, isReplaced, role }) =>
      !isReplaced && role !== 'model' && (LIBRARY.test(path) || FOLDER.test(path)),
  );
  return [
    candidate('base', all, '--base with an image made for the CPU'),
    candidate(
      'requirements',
      all,
      'lock for the CPU: uv pip compile --generate-hashes --torch-backend cpu requirements.in -o requirements.lock',
    ),
    candidate(
      'dependencies',
      all,
      'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node, and build again',
    ),
  ];
}

function candidate(role: Placed['role'], all: readonly Placed[], change: string): Candidate {
  const files = all.filter(file => file.role === role);
  const name = ({ path }: Placed): string => path.slice(path.lastIndexOf('/') + 1);
  return {
    id: `cuda-${role}`,
    what: 'libraries for graphics cards',
    why: `Nothing in the service file asks for one (\`device: cuda\`). ${largestText(files, name)}.`,
    change,
    files,
  };
}
