// As ../shared/peers/ort/ort_time.mjs (same options, same inputs), and prints the CPU time of a call too, which other load does not lengthen.
//   node ort_cpu.mjs PEERS MODEL.onnx INPUTS.json [SECONDS]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [peers, model, inputs, seconds = '1'] = process.argv.slice(2);
const ort = createRequire(`${peers}/ort/`)('onnxruntime-node');
const arrays = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array };
const feeds = {};
for (const [name, { dtype, shape, fill }] of Object.entries(JSON.parse(readFileSync(inputs, 'utf8')))) {
  const data = new arrays[dtype](shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    const v = fill === 'ramp' ? (dtype === 'float32' ? (i % 251) / 251 : i % 97) : fill;
    data[i] = dtype === 'int64' ? BigInt(v) : v;
  }
  feeds[name] = new ort.Tensor(dtype, data, shape);
}
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
const used = (since) => { const c = process.cpuUsage(since); return (c.user + c.system) / 1000; };
for (const start = process.cpuUsage(); ;) {
  await session.run(feeds);
  if (used(start) >= Number(seconds) * 500) break;
}
const times = [];
const cpu = process.cpuUsage();
while (used(cpu) < Number(seconds) * 1000 || times.length < 3) {
  const start = performance.now();
  await session.run(feeds);
  times.push(performance.now() - start);
}
const total = used(cpu);
times.sort((a, b) => a - b);
console.log(`runs ${times.length} min_ms ${times[0].toFixed(3)} p50_ms ${times[Math.floor(times.length / 2)].toFixed(3)} cpu_ms ${(total / times.length).toFixed(3)}`);
