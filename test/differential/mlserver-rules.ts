/** Where fairlead means to answer otherwise than MLServer. */
import type { Case } from './cases/case.ts';
import type { Difference } from './compare.ts';
import type { Rule } from './rules.ts';

function isOfStrings({ request }: Case): boolean {
  return request.path.includes('/zero_bytes/') || JSON.stringify(request).includes('"zero_bytes"');
}

/** Whether the statuses are these; each a digit or more that they begin with. */
function statuses({ field, peer, fairlead }: Difference, theirs: string, ours: string): boolean {
  return field === 'status' && peer?.startsWith(theirs) === true && fairlead?.startsWith(ours) === true;
}

export const mlserverRules: readonly Rule[] = [
  {
    id: 'mlserver-digest',
    title: 'The digest of a model',
    why: 'Metadata tells in `properties`, which the Open Inference Protocol has, the digest of what is loaded. MLServer does not know it.',
    covers: ({ field }) => field === 'properties.digest',
  },
  {
    id: 'mlserver-unchecked',
    title: 'Wrong requests that MLServer answers',
    why: "MLServer compares a request with nothing: the names, datatypes and shapes of a model are for the runtime to check, and most do not. NumPy then cuts 1.5 to 1 and reads strings as numbers. fairlead checks a request against the model's own signature first.",
    covers: difference => statuses(difference, '200', '4') || statuses(difference, 'OK', 'INVALID_ARGUMENT'),
  },
  {
    id: 'mlserver-raises',
    title: 'Wrong requests that are 500 or INTERNAL in MLServer',
    why: 'Whatever a runtime raises is 500 there. Only the client can mend these, so they are 400 and INVALID_ARGUMENT here.',
    covers: difference =>
      statuses(difference, '500', '400') || statuses(difference, 'INTERNAL', 'INVALID_ARGUMENT'),
  },
  {
    id: 'mlserver-validation',
    title: 'Wrong bodies are 400, not 422',
    why: 'MLServer lets FastAPI answer for bodies that do not fit its classes. The Open Inference Protocol says 400.',
    covers: difference => statuses(difference, '422', '4'),
  },
  {
    id: 'mlserver-type',
    title: 'Bodies that are not called JSON',
    why: 'MLServer wants application/json, or no type at all. fairlead looks at the body: curl -d and the clients of Triton work as they are.',
  },
  {
    id: 'mlserver-tokens',
    title: 'NaN and infinities',
    why: 'MLServer refuses them in requests and answers null for them. fairlead takes and gives the tokens NaN, Infinity and -Infinity, as Triton and Python do.',
  },
  {
    id: 'mlserver-numpy',
    title: 'Nested lists that are not rectangular',
    why: 'The protocol wants elements in row-major order, nested or not. MLServer lets NumPy read the lists, which must be rectangular; fairlead counts the elements, as Triton does.',
  },
  {
    id: 'mlserver-header',
    title: 'An id beyond Latin-1',
    why: 'MLServer copies the id into a header and fails. fairlead answers it in the body alone.',
  },
  {
    id: 'mlserver-outputs',
    title: 'The outputs asked for',
    why: 'MLServer leaves the list of outputs to the runtime; few look at it. fairlead answers those that are listed, in that order.',
  },
  {
    id: 'mlserver-strings',
    title: 'The shape of strings',
    why: "MLServer's codec for strings answers a shape of its own, [n,1]. fairlead answers the model's.",
    covers: ({ of, field }) => field === 'outputs[0].shape' && isOfStrings(of),
  },
  {
    id: 'mlserver-id',
    title: 'An id that nobody sent',
    why: 'MLServer makes one up and answers it in the body. fairlead echoes the id of the request, and has the header X-Request-Id for its own.',
    covers: ({ field, fairlead }) => field === 'id' && fairlead === undefined,
  },
  {
    id: 'mlserver-parameters',
    title: 'Parameters of an answer',
    why: "MLServer adds its codecs' content_type, and empty objects. fairlead adds none.",
    covers: ({ field, fairlead }) =>
      /(?:^|\.)parameters(?:\.content_type(?:\.string_param)?)?$/.test(field) && fairlead === undefined,
  },
  {
    id: 'mlserver-form',
    title: 'Answers over gRPC are raw',
    why: 'MLServer answers in the form of the request. fairlead always answers in raw_output_contents, as Triton does: most clients of gRPC read nothing else.',
    covers: ({ field }) => field === 'form',
  },
  {
    id: 'mlserver-nan',
    title: 'NaN over gRPC',
    why: 'MLServer loses it on the way to NumPy and fails. Here every bit travels.',
  },
  {
    id: 'mlserver-size',
    title: 'Large messages',
    why: "MLServer keeps gRPC's own limit of 4 MiB unless it is told otherwise. Here a message may be as large as a body over REST, see --max-body.",
  },
  {
    id: 'mlserver-ready',
    title: 'The readiness of an unknown model over gRPC',
    why: 'MLServer fails with UNKNOWN. Here an unknown model is not ready, as in Triton.',
  },
  {
    id: 'mlserver-version',
    title: 'A version that is no number, over gRPC',
    why: 'MLServer takes any text for a version, and does not find it. Here it is INVALID_ARGUMENT, as in Triton.',
  },
  {
    id: 'mlserver-versions',
    title: 'The versions of a model',
    why: 'MLServer lists them when there is a folder for each; fairlead always.',
    covers: ({ field }) => field === 'versions',
  },
  {
    id: 'mlserver-platform',
    title: 'The platform of a model',
    why: 'The fixtures are Python models in MLServer and ONNX files here.',
    covers: ({ field }) => field === 'platform',
  },
  {
    id: 'mlserver-identity',
    title: 'The name, the version and the extensions of the server',
    why: 'A server says what it is, and lists what it has.',
    covers: ({ of, field }) =>
      /^\/v2$|ServerMetadata$/.test(of.request.path) && ['name', 'version', 'extensions'].includes(field),
  },
  {
    id: 'mlserver-health',
    title: 'Health has a body',
    why: 'MLServer answers with the status alone. fairlead adds the JSON that the Open Inference Protocol describes. Go by the status.',
    covers: ({ of, status, field }) =>
      status === 200 && /\/(?:live|ready)(?:\?|$)/.test(of.request.path) && field !== 'status',
  },
  {
    id: 'mlserver-redirect',
    title: 'A slash behind a path',
    why: 'MLServer sends the client to the path without it.',
    covers: difference => statuses(difference, '307', ''),
  },
  {
    id: 'mlserver-head',
    title: 'HEAD',
    why: 'HTTP has HEAD wherever there is GET, and load balancers use it.',
    covers: difference => statuses(difference, '405', '200') || difference.field === 'allow',
  },
  {
    id: 'mlserver-float-text',
    title: 'How a number is written',
    why: 'MLServer writes an FP32 with the digits of the double it becomes. fairlead writes the shortest digits that read back as the same FP32. The numbers are the same.',
    covers: ({ field }) => field.endsWith('.data (text)'),
  },
  {
    id: 'mlserver-error-form',
    title: 'The form and the words of errors',
    why: 'Errors are {"error": "…"} in the Open Inference Protocol and here. MLServer has that for a part of its errors, and FastAPI\'s {"detail": …} for the others.',
    covers: ({ status, field }) =>
      field === 'error' || (status >= 400 && /^(?:detail|body|content-type)/.test(field)),
  },
];
