"""usage: client.py PORT DESCRIPTORS CALL

One call with Debian's grpcio and protobuf; prints what came as one line. The messages come from DESCRIPTORS, a compiled FileDescriptorSet.
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

port, descriptors, call = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
with open(descriptors, "rb") as file:
    for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
        pool.Add(proto)
factory = message_factory.MessageFactory(pool)
channel = grpc.insecure_channel("localhost:" + port)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))


def invoke(service, method, request):
    found = pool.FindServiceByName(service).FindMethodByName(method)
    answer = factory.GetPrototype(found.output_type)
    stub = channel.unary_unary(
        f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString)
    return stub(request, timeout=30, wait_for_ready=True)


def predict(model, values):
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = model
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add().size = len(values)
    tensor.float_val.extend(values)
    answer = invoke("tensorflow.serving.PredictionService", "Predict", request)
    y = answer.outputs["y"]
    numbers = " ".join(f"{value:g}" for value in y.float_val)
    return f"{answer.model_spec.name} {answer.model_spec.version.value} {y.tensor_shape.dim[0].size}: {numbers}"


def metadata():
    request = message("tensorflow.serving.GetModelMetadataRequest")()
    request.model_spec.name = "half_plus_two"
    request.metadata_field.append("signature_def")
    answer = invoke("tensorflow.serving.PredictionService", "GetModelMetadata", request)
    signatures = message("tensorflow.serving.SignatureDefMap")()
    answer.metadata["signature_def"].Unpack(signatures)
    default = signatures.signature_def["serving_default"]
    return f"{' '.join(sorted(signatures.signature_def))}: {default.method_name}"


def status():
    request = message("tensorflow.serving.GetModelStatusRequest")()
    request.model_spec.name = "half_plus_two"
    answer = invoke("tensorflow.serving.ModelService", "GetModelStatus", request)
    return " ".join(
        f"{one.version} {one.State.Name(one.state)} {code_name(one.status)}" for one in answer.model_version_status)


def code_name(status_proto):
    return status_proto.DESCRIPTOR.fields_by_name["error_code"].enum_type.values_by_number[status_proto.error_code].name


def large():
    count = 1_000_000
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = "half_plus_two"
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add().size = count
    tensor.float_val.append(4)
    y = invoke("tensorflow.serving.PredictionService", "Predict", request).outputs["y"]
    return f"{len(y.float_val)} {min(y.float_val):g} {max(y.float_val):g}"


CALLS = {
    "predict": lambda: predict("half_plus_two", [1, 2, 5]),
    "metadata": metadata,
    "status": status,
    "unknown": lambda: predict("nothing", [1]),
    "large": large,
}

try:
    print(CALLS[call]())
except grpc.RpcError as error:
    print(error.code().value[0], error.details())
