// usage: client.mjs PORT PROTOS MODULES MODEL CALL...
// Calls with @grpc/grpc-js; prints for each its name, a tab and what came, as one line. PROTOS: folder of the .proto files; MODULES: folder of
// the npm packages; MODEL: base path of the model that is served.
import { createRequire } from 'node:module';
import path from 'node:path';

const [port, protos, modules, modelPath, ...calls] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'from-here.js'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const files = ['prediction_service', 'model_service', 'session_service', 'get_model_metadata'].map(name => `tensorflow_serving/apis/${name}.proto`);
const definition = loader.loadSync(
  [...files, 'grpc/health/v1/health.proto'], { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true });
const { tensorflow, grpc: { health: { v1: health } } } = grpc.loadPackageDefinition(definition);
const options = { 'grpc.max_receive_message_length': -1 };
const connect = service => new service(`localhost:${port}`, grpc.credentials.createInsecure(), options);
const clients = {
  prediction: connect(tensorflow.serving.PredictionService),
  model: connect(tensorflow.serving.ModelService),
  session: connect(tensorflow.serving.SessionService),
  health: connect(health.Health),
};

const deadline = () => ({ deadline: Date.now() + 30_000 });

const invoke = (client, method, request) => new Promise((resolve, reject) =>
  clients[client][method](request, deadline(), (error, answer) => error ? reject(error) : resolve(answer)));

const send = (model, size, values) => invoke('prediction', 'Predict', {
  model_spec: { name: model },
  inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size }] }, float_val: values } },
});

async function predict(model, values) {
  const { model_spec: spec, outputs: { y } } = await send(model, values.length, values);
  return `${spec.name} ${spec.version.value} ${y.tensor_shape.dim[0].size}: ${y.float_val.join(' ')}`;
}

const input = (...values) => ({ example_list: { examples: values.map(x => ({ features: { feature: { x: { float_list: { value: [x] } } } } })) } });
const spec = signature => ({ name: 'half_plus_two', signature_name: signature });

async function classify() {
  const { result } = await invoke('prediction', 'Classify', { model_spec: spec('classify_x_to_y'), input: input(2, 4) });
  return result.classifications.flatMap(row => row.classes).map(one => `${one.label}:${one.score}`).join(' ');
}

async function regress() {
  const { result } = await invoke('prediction', 'Regress', { model_spec: spec('regress_x_to_y'), input: input(2, 4) });
  return result.regressions.map(one => one.value).join(' ');
}

async function multi() {
  const tasks = ['regress', 'classify'].map(method => ({ method_name: `tensorflow/serving/${method}`, model_spec: spec(`${method}_x_to_y`) }));
  const { results: [first, second] } = await invoke('prediction', 'MultiInference', { tasks, input: input(2) });
  return `${first.regression_result.regressions[0].value} ${second.classification_result.classifications[0].classes[0].score}`;
}

async function metadata() {
  const answer = await invoke('prediction', 'GetModelMetadata', { model_spec: { name: 'half_plus_two' }, metadata_field: ['signature_def'] });
  const { signature_def: signatures } = definition['tensorflow.serving.SignatureDefMap'].deserialize(answer.metadata.signature_def.value);
  return `${Object.keys(signatures).sort().join(' ')}: ${signatures.serving_default.method_name}`;
}

async function status() {
  const { model_version_status: versions } = await invoke('model', 'GetModelStatus', { model_spec: { name: 'half_plus_two' } });
  return versions.map(one => `${one.version} ${one.state} ${one.status.error_code}`).join(' ');
}

async function reload(platform) {
  const config = [{ name: 'half_plus_two', base_path: modelPath, model_platform: platform }];
  const answer = await invoke('model', 'HandleReloadConfigRequest', { config: { model_config_list: { config } } });
  return answer.status.error_code;
}

const check = async service => (await invoke('health', 'Check', { service })).status;

const watch = () => new Promise((resolve, reject) => {
  const stream = clients.health.Watch({}, deadline());
  stream.once('data', answer => {
    resolve(answer.status);
    stream.cancel();
  });
  stream.on('error', reject);       // after the cancel it says so, and nobody listens
});

async function large() {
  const { outputs: { y } } = await send('half_plus_two', 1_000_000, [4]);
  return `${y.float_val.length} ${y.float_val.reduce((a, b) => Math.min(a, b))} ${y.float_val.reduce((a, b) => Math.max(a, b))}`;
}

const rpcs = () => Object.values(clients)
  .flatMap(client => Object.values(client.constructor.service))
  .map(rpc => rpc.path.split('.').pop())
  .sort()
  .join(' ');

const known = {
  predict: () => predict('half_plus_two', [1, 2, 5]),
  classify,
  regress,
  multi_inference: multi,
  metadata,
  status,
  reload: () => reload('tensorflow'),
  reload_refused: () => reload('unknown'),
  session_run: () => invoke('session', 'SessionRun', {}),
  health: () => check(''),
  health_of_service: () => check('PredictionService'),
  health_of_unknown: () => check('nothing'),
  health_watch: watch,
  unknown: () => predict('nothing', [1]),
  large,
  rpcs,
};

for (const name of calls) {
  try {
    console.log(`${name}\t${await known[name]()}`);
  } catch (error) {
    if (typeof error.code !== 'number') {
      throw error;
    }

    console.log(`${name}\t${error.code} ${error.details}`.trim());
  }
}

Object.values(clients).forEach(client => client.close());
