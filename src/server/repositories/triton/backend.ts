/** What computes a model, as Triton's configuration says it: ONNX Runtime, or something that is not here. */
import { shown } from '../../tensors/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Config } from './config.ts';
import { isFileName } from './tensors.ts';

const OURS = ['', 'onnxruntime', 'onnxruntime_onnx', 'onnxruntime_onnxv1'];

/** Who serves what this server does not. */
const others: readonly (readonly [backend: RegExp, who: string])[] = [
  [/^tensorflow/, 'TensorFlow Serving or Triton serve it; tf2onnx makes an ONNX file of it'],
  [/^(?:pytorch|torch)/, 'Triton serves it; torch.onnx.export makes an ONNX file of it'],
  [
    /^openvino/,
    'OpenVINO Model Server or Triton serve it; an ONNX file may be served here without `backend`',
  ],
  [/^(?:fil|xgboost|lightgbm)/, 'Triton serves it; onnxmltools makes an ONNX file of it'],
  [/^ensemble/, 'Triton serves ensembles; the models it is made of may be served here'],
];

/** Which file of a version's folder is the model; undefined where its name is not told. Refuses what is not ONNX Runtime's. */
export function modelFileName(config: Config, ledger: Ledger): string | undefined {
  refuseOthers('backend', config.backend, ledger);
  refuseOthers('platform', config.platform, ledger);
  const { default_model_filename: name } = config;
  const path = 'default_model_filename';
  if (name === '') return undefined;
  ledger.use(path);
  if (!isFileName(name)) ledger.refuse(path, 'must be the name of a file in the folder of the version');
  else if (config.backend === '' && config.platform === '' && !name.endsWith('.onnx'))
    ledger.refuse(path, 'is no ONNX file by its name, and no backend is named');
  return name;
}

function refuseOthers(path: 'backend' | 'platform', value: string, ledger: Ledger): void {
  ledger.use(path);
  if (OURS.includes(value)) return;
  const who = others.find(([backend]) => backend.test(value))?.[1] ?? 'Triton serves it';
  ledger.refuse(path, `is not ${shown('onnxruntime')}, which is all that is served here; ${who}`);
}
