"""usage: reflection.py PORT DESCRIPTORS

What grpcurl does: asks the server for its services and their messages on one stream, and calls with nothing else than what it was told.
DESCRIPTORS: a compiled FileDescriptorSet with the protocol of the reflection.
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

port, descriptors = sys.argv[1:]
channel = grpc.insecure_channel("localhost:" + port)


def make_pool(files):
    """Files may come in any order; a pool wants imports first."""
    pool = descriptor_pool.DescriptorPool()
    left = {proto.name: proto for proto in files}

    def add(name):
        proto = left.pop(name, None)
        if proto is not None:
            for imported in proto.dependency:
                add(imported)
            pool.Add(proto)

    while left:
        add(next(iter(left)))
    return pool


def message(pool, name):
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))


with open(descriptors, "rb") as file:
    protocol = make_pool(descriptor_pb2.FileDescriptorSet.FromString(file.read()).file)
package = "grpc.reflection.v1alpha."
ask = message(protocol, package + "ServerReflectionRequest")
questions = [ask(list_services=""), ask(file_containing_symbol="tensorflow.serving.PredictionService"), ask(file_by_filename="nothing.proto")]
stream = channel.stream_stream(
    f"/{package}ServerReflection/ServerReflectionInfo",
    request_serializer=ask.SerializeToString,
    response_deserializer=message(protocol, package + "ServerReflectionResponse").FromString)
listed, described, missing = stream(iter(questions), timeout=30, wait_for_ready=True)
print("services", *sorted(service.name for service in listed.list_services_response.service))
print("missing", missing.error_response.error_code, missing.error_response.error_message)

told = make_pool(descriptor_pb2.FileDescriptorProto.FromString(data) for data in described.file_descriptor_response.file_descriptor_proto)
rpc = told.FindServiceByName("tensorflow.serving.PredictionService").FindMethodByName("Predict")
request = message(told, rpc.input_type.full_name)()
request.model_spec.name = "half_plus_two"
tensor = request.inputs["x"]
tensor.dtype = tensor.DESCRIPTOR.fields_by_name["dtype"].enum_type.values_by_name["DT_FLOAT"].number
tensor.tensor_shape.dim.add().size = 3
tensor.float_val.extend([1, 2, 5])
predict = channel.unary_unary(
    "/tensorflow.serving.PredictionService/Predict",
    request_serializer=lambda m: m.SerializeToString(),
    response_deserializer=message(told, rpc.output_type.full_name).FromString)
print("predict", *(f"{value:g}" for value in predict(request, timeout=30).outputs["y"].float_val))
