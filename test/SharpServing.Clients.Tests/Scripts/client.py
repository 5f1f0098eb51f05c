"""usage: client.py PORT DESCRIPTORS MODEL CALL...

Calls with Debian's grpcio and protobuf; prints for each its name, a tab and what came, as one line. Messages and stubs are made from
DESCRIPTORS, a compiled FileDescriptorSet of the server's own .proto files. MODEL: base path of the model that is served.
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

port, descriptors, model_path, *calls = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
services = {}
with open(descriptors, "rb") as file:
    for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
        pool.Add(proto)
        if proto.package != "grpc.reflection.v1alpha":      # reflection.py has it
            services.update({f"{proto.package}.{service.name}": service for service in proto.service})
factory = message_factory.MessageFactory(pool)
channel = grpc.insecure_channel("localhost:" + port)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name.lstrip(".")))


def serving(name):
    return message("tensorflow.serving." + name)()


class Stub:
    """A method for each rpc of a service, as the generated stubs have them."""

    def __init__(self, service):
        for rpc in services[service].method:
            make = channel.unary_stream if rpc.server_streaming else channel.unary_unary
            call = make(
                f"/{service}/{rpc.name}",
                request_serializer=message(rpc.input_type).SerializeToString,
                response_deserializer=message(rpc.output_type).FromString)
            setattr(self, rpc.name, lambda request, call=call: call(request, timeout=30, wait_for_ready=True))


prediction = Stub("tensorflow.serving.PredictionService")
models = Stub("tensorflow.serving.ModelService")
sessions = Stub("tensorflow.serving.SessionService")
health = Stub("grpc.health.v1.Health")


def send(model, size, values):
    request = serving("PredictRequest")
    request.model_spec.name = model
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add().size = size
    tensor.float_val.extend(values)
    return prediction.Predict(request)


def predict(model, values):
    answer = send(model, len(values), values)
    y = answer.outputs["y"]
    numbers = " ".join(f"{value:g}" for value in y.float_val)
    return f"{answer.model_spec.name} {answer.model_spec.version.value} {y.tensor_shape.dim[0].size}: {numbers}"


def add_example(request, x):
    features = request.input.example_list.examples.add().features
    features.feature["x"].float_list.value.append(x)


def examples(kind, signature):
    request = serving(kind)
    request.model_spec.name = "half_plus_two"
    request.model_spec.signature_name = signature
    add_example(request, 2)
    add_example(request, 4)
    return request


def classify():
    result = prediction.Classify(examples("ClassificationRequest", "classify_x_to_y")).result
    return " ".join(f"{one.label}:{one.score:g}" for row in result.classifications for one in row.classes)


def regress():
    result = prediction.Regress(examples("RegressionRequest", "regress_x_to_y")).result
    return " ".join(f"{one.value:g}" for one in result.regressions)


def multi():
    request = serving("MultiInferenceRequest")
    for method, signature in (("regress", "regress_x_to_y"), ("classify", "classify_x_to_y")):
        task = request.tasks.add(method_name="tensorflow/serving/" + method)
        task.model_spec.name = "half_plus_two"
        task.model_spec.signature_name = signature
    add_example(request, 2)
    first, second = prediction.MultiInference(request).results
    score = second.classification_result.classifications[0].classes[0].score
    return f"{first.regression_result.regressions[0].value:g} {score:g}"


def metadata():
    request = serving("GetModelMetadataRequest")
    request.model_spec.name = "half_plus_two"
    request.metadata_field.append("signature_def")
    answer = prediction.GetModelMetadata(request)
    signatures = serving("SignatureDefMap")
    answer.metadata["signature_def"].Unpack(signatures)
    default = signatures.signature_def["serving_default"]
    return f"{' '.join(sorted(signatures.signature_def))}: {default.method_name}"


def status():
    request = serving("GetModelStatusRequest")
    request.model_spec.name = "half_plus_two"
    return " ".join(
        f"{one.version} {one.State.Name(one.state)} {code_name(one.status)}" for one in models.GetModelStatus(request).model_version_status)


def code_name(status_proto):
    return status_proto.DESCRIPTOR.fields_by_name["error_code"].enum_type.values_by_number[status_proto.error_code].name


def reload(platform):
    request = serving("ReloadConfigRequest")
    request.config.model_config_list.config.add(name="half_plus_two", base_path=model_path, model_platform=platform)
    return code_name(models.HandleReloadConfigRequest(request).status)


def session_run():
    return str(sessions.SessionRun(serving("SessionRunRequest")))


def check(service):
    answer = health.Check(message("grpc.health.v1.HealthCheckRequest")(service=service))
    return answer.ServingStatus.Name(answer.status)


def watch():
    stream = health.Watch(message("grpc.health.v1.HealthCheckRequest")())
    first = next(stream)
    stream.cancel()
    return first.ServingStatus.Name(first.status)


def large():
    y = send("half_plus_two", 1_000_000, [4]).outputs["y"]
    return f"{len(y.float_val)} {min(y.float_val):g} {max(y.float_val):g}"


CALLS = {
    "predict": lambda: predict("half_plus_two", [1, 2, 5]),
    "classify": classify,
    "regress": regress,
    "multi_inference": multi,
    "metadata": metadata,
    "status": status,
    "reload": lambda: reload("tensorflow"),
    "reload_refused": lambda: reload("unknown"),
    "session_run": session_run,
    "health": lambda: check(""),
    "health_of_service": lambda: check("PredictionService"),
    "health_of_unknown": lambda: check("nothing"),
    "health_watch": watch,
    "unknown": lambda: predict("nothing", [1]),
    "large": large,
    "rpcs": lambda: " ".join(sorted(f"{name.split('.')[-1]}/{rpc.name}" for name, service in services.items() for rpc in service.method)),
}

for name in calls:
    try:
        print(name, CALLS[name](), sep="\t")
    except grpc.RpcError as error:
        print(name, f"{error.code().value[0]} {error.details()}".strip(), sep="\t")
