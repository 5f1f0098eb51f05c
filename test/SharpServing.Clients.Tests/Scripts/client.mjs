// usage: client.mjs PORT PROTOS MODULES CALL
// One call with @grpc/grpc-js; prints what came as one line. PROTOS: folder of the .proto files; MODULES: folder of the npm packages.
import { createRequire } from 'node:module';
import path from 'node:path';

const [port, protos, modules, call] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'from-here.js'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const files = ['prediction_service', 'model_service', 'get_model_metadata'].map(name => `tensorflow_serving/apis/${name}.proto`);
const definition = loader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true });
const { tensorflow } = grpc.loadPackageDefinition(definition);
const options = { 'grpc.max_receive_message_length': -1 };
const clients = {
  prediction: new tensorflow.serving.PredictionService(`localhost:${port}`, grpc.credentials.createInsecure(), options),
  model: new tensorflow.serving.ModelService(`localhost:${port}`, grpc.credentials.createInsecure(), options),
};

const invoke = (client, method, request) => new Promise((resolve, reject) =>
  clients[client][method](request, { deadline: Date.now() + 30_000 }, (error, answer) => error ? reject(error) : resolve(answer)));

const send = (model, size, values) => invoke('prediction', 'Predict', {
  model_spec: { name: model },
  inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size }] }, float_val: values } },
});

async function predict(model, values) {
  const { model_spec: spec, outputs: { y } } = await send(model, values.length, values);
  return `${spec.name} ${spec.version.value} ${y.tensor_shape.dim[0].size}: ${y.float_val.join(' ')}`;
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

async function large() {
  const { outputs: { y } } = await send('half_plus_two', 1_000_000, [4]);
  return `${y.float_val.length} ${y.float_val.reduce((a, b) => Math.min(a, b))} ${y.float_val.reduce((a, b) => Math.max(a, b))}`;
}

const calls = {
  predict: () => predict('half_plus_two', [1, 2, 5]),
  metadata,
  status,
  unknown: () => predict('nothing', [1]),
  large,
};

try {
  console.log(await calls[call]());
} catch (error) {
  if (typeof error.code !== 'number') {
    throw error;
  }

  console.log(`${error.code} ${error.details}`);
} finally {
  Object.values(clients).forEach(client => client.close());
}
